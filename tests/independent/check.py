#!/usr/bin/env python3
"""A second verifier for the canon, written from docs/format.md alone.

It shares no code with omega: Python's standard library, and the ssh-keygen binary for signatures. It is small on purpose. It
checks the chain of rulings, the digests of all records, every signature with the signers file of its time, the tally, the effect
of rulings on the state, the signers files, the proposed bytes, and the live files against a pin.

    check.py FOLDER [--root sha256:...] [--sequence N --head sha256:...] [--now TIME]

FOLDER is a plain folder that holds canon/, such as an unpacked `git archive`. Exit codes are those of section 20: 0 holds, 11
violated, 12 pending, 13 nothing can be said. What it does not check is listed in docs/threat-model.md.
"""

import argparse, base64, datetime, fractions, hashlib, math, os, pickle, re, stat, subprocess, sys, tempfile, unicodedata

NAMESPACES = {
    "proposal": "omega-proposal-v1", "turn": "omega-turn-v1", "seal": "omega-seal-v1", "reveal": "omega-reveal-v1",
    "synthesis": "omega-synthesis-v1", "vote": "omega-vote-v1", "withdrawal": "omega-withdrawal-v1", "ruling": "omega-ruling-v1",
}
# The parts of the law: what is governed, security, consensus. A CONSTITUTION has all three.
PARTS = ["OMEGA_IDENTITY", "SECURITY_AND_PRIVACY", "CONSENSUS_ENGINE"]
LAW = PARTS + ["CONSTITUTION", "PEACE_PIPE_PROTOCOL"]
FIXED = [name for name in LAW if name != "OMEGA_IDENTITY"]
NAME, DOC, KEY = r"[a-z][a-z0-9-]{0,31}", r"[A-Z][A-Z0-9]*(?:_[A-Z0-9]+)*", r"[A-Za-z0-9][A-Za-z0-9_-]{0,63}"
ID, HEX = r"\d{4}-\d\d-\d\d(?:-[a-z0-9]+)+", r"[0-9a-f]{64}"
DOMAINS = r"value|style|fact|invariant|memory"
STATE = re.compile(rf"canon/(?:{DOC}|council/{NAME}|phylactery/(?:{DOMAINS})/{KEY})\.md")
RECORD = re.compile(rf"(?:proposal|synthesis|withdrawal|turns/\d{{3}}|seals/{NAME}|reveals/{NAME}|votes/{NAME}\.[1-9]\d*)\.md")
FOLDER = re.compile(rf"canon/resolutions/({ID})/(.+)")
OTHER = re.compile(rf"canon/(?:allowed_signers|ledger/\d{{6}}\.signers|ledger/\d{{6}}\.md(?:\.sig)?|bytes/{HEX})")
# Section 3.1.
HIDDEN = [(0, 0x1F), (0x7F, 0x9F), (0xAD, 0xAD), (0x34F, 0x34F), (0x61C, 0x61C), (0x115F, 0x1160), (0x17B4, 0x17B5), (0x180B, 0x180F),
          (0x200B, 0x200F), (0x2028, 0x202E), (0x2060, 0x206F), (0x3164, 0x3164), (0xFE00, 0xFE0F), (0xFEFF, 0xFEFF), (0xFFA0, 0xFFA0),
          (0xFFF0, 0xFFFB), (0x1BCA0, 0x1BCA3), (0x1D173, 0x1D17A), (0xE0000, 0xE0FFF)]


HIDING = re.compile("[" + "".join(f"\\U{low:08x}-\\U{high:08x}" for low, high in [(0, 8), (11, 0x1F)] + HIDDEN[1:]) + "]")


class Violated(Exception):
    """Exit 11."""


class Senseless(Exception):
    """Exit 2."""


class Unknown(Exception):
    """Exit 13."""


def need(true, place, what):
    if not true:
        raise Violated(f"{place}: {what}")


def digest(data):
    return "sha256:" + hashlib.sha256(data).hexdigest()


def hidden(character, but=""):
    return character not in but and any(low <= ord(character) <= high for low, high in HIDDEN)


def fold(text):
    if text.isascii():
        return text.lower()
    upper = "".join(c.upper() for c in unicodedata.normalize("NFC", text))
    return unicodedata.normalize("NFC", "".join(c.lower() for c in upper))


# ---- Section 3: text, and YAML in the form that this format permits. Block and flow style are read as far as files use them;
# ---- whatever else there is in YAML is refused, which is the safe side.

class Yaml:
    def __init__(self, text, place):
        self.place, self.lines = place, []
        for line in text.split("\n")[:-1]:
            need("\t" not in line, place, "a tab in the front matter")
            need(not line.startswith(("...", "---", "%")), place, "a marker in the front matter")
            self.lines.append(line)
        self.at = 0

    def bad(self, what):
        raise Violated(f"{self.place}: line {self.at + 2}: {what}")

    def skip(self):
        while self.at < len(self.lines) and (not self.lines[self.at].strip() or self.lines[self.at].lstrip().startswith("#")):
            self.at += 1
        return self.at < len(self.lines)

    def indent(self):
        line = self.lines[self.at]
        return len(line) - len(line.lstrip(" "))

    def document(self):
        value = self.block(0, 0) if self.skip() else {}
        if self.skip():
            self.bad("what stands here belongs to nothing")
        return value

    def block(self, indent, depth):
        if depth > 16:
            self.bad("nested too deeply")
        if self.lines[self.at][indent:].startswith(("- ", "-")) and re.match(r"-( |$)", self.lines[self.at][indent:]):
            return self.sequence(indent, depth)
        return self.mapping(indent, depth)

    def sequence(self, indent, depth):
        items = []
        while self.skip() and self.indent() == indent and re.match(r"-( |$)", self.lines[self.at][indent:]):
            rest = self.lines[self.at][indent + 1:]
            inner = indent + 1 + len(rest) - len(rest.lstrip(" "))
            if re.match(r"(\"(?:[^\"\\]|\\.)*\"|[^\s\"'\[{&*!|>#%@`][^#]*?):( |$)", rest.strip()) and not rest.strip().startswith("- "):
                # A map whose first key stands on the line of the dash.
                self.lines[self.at] = " " * inner + rest.lstrip(" ")
                items.append(self.mapping(inner, depth + 1))
            else:
                items.append(self.value(rest, indent, depth, indent + 1))
        return items

    def mapping(self, indent, depth):
        found = {}
        while self.skip() and self.indent() == indent:
            line = self.lines[self.at][indent:]
            if re.match(r"-( |$)", line):
                break
            key, rest = self.key(line)
            if key in found:
                self.bad(f"the key `{key}` stands twice")
            found[key] = self.value(rest, indent, depth, indent)
        if self.at < len(self.lines) and self.skip() and self.indent() > indent:
            self.bad("set in too far")
        return found

    def key(self, line):
        if line.startswith('"'):
            text, end = self.quoted(line, 0)
            if not line[end:].startswith(":"):
                self.bad("a key without a colon")
            return text, line[end + 1:]
        match = re.match(r"([^\s:\[\]{}&*!|>'\"%@`#,?-][^:#]*(?::[^\s:#][^:#]*)*):(?= |$)", line)
        if not match:
            self.bad("not a key")
        scalar = self.plain(match.group(1))
        if not isinstance(scalar, str):
            self.bad("a key that is no text")
        return scalar, line[match.end():]

    def value(self, rest, indent, depth, below):
        rest = rest.strip(" ")
        if rest.startswith("#"):
            rest = ""
        if rest and rest[0] in "|>":
            return self.literal(rest, indent)
        if rest:
            value, end = self.flow(rest, 0, depth + 1)
            if rest[end:].strip(" ") and not re.match(r" +#", rest[end:]):
                self.bad("something follows the value")
            self.at += 1
            return value
        self.at += 1
        if not self.skip() or self.indent() < below or (self.indent() == below and not re.match(r"-( |$)", self.lines[self.at][below:])):
            self.bad("an empty value")
        return self.block(self.indent(), depth + 1)

    def literal(self, head, indent):
        if not re.fullmatch(r"[|>][+-]?", head):
            self.bad("a block scalar in another form")
        self.at += 1
        taken = []
        while self.at < len(self.lines) and (not self.lines[self.at].strip() or self.indent() > indent):
            taken.append(self.lines[self.at])
            self.at += 1
        least = min((len(l) - len(l.lstrip(" ")) for l in taken if l.strip()), default=0)
        return "\n".join(line[least:] for line in taken)

    def quoted(self, text, at):
        out, at = "", at + 1
        simple = {"n": "\n", "t": "\t", '"': '"', "\\": "\\", "/": "/", "r": "\r", "b": "\b", "f": "\f", "0": "\0", " ": " "}
        while at < len(text) and text[at] != '"':
            if text[at] == "\\" and at + 1 < len(text):
                escape = text[at + 1]
                size = {"x": 2, "u": 4, "U": 8}.get(escape)
                if size:
                    code = int(text[at + 2:at + 2 + size], 16)
                    if 0xD800 <= code < 0xDC00 and text[at + 6:at + 8] == "\\u":
                        code, size = 0x10000 + ((code - 0xD800) << 10) + int(text[at + 8:at + 12], 16) - 0xDC00, 10
                    out, at = out + chr(code), at + 2 + size
                elif escape in simple:
                    out, at = out + simple[escape], at + 2
                else:
                    self.bad("an escape that is none")
            else:
                out, at = out + text[at], at + 1
        if at >= len(text):
            self.bad("a quote that does not end")
        if any(hidden(c, "\n") for c in out):
            self.bad("an escape makes a hidden character")
        return out, at + 1

    def flow(self, text, at, depth):
        if depth > 16:
            self.bad("nested too deeply")
        while at < len(text) and text[at] == " ":
            at += 1
        if at >= len(text):
            self.bad("a value that does not end")
        first = text[at]
        if first == '"':
            return self.quoted(text, at)
        if first == "'":
            end = at + 1
            while True:
                end = text.find("'", end)
                if end < 0:
                    self.bad("a quote that does not end")
                if text[end + 1:end + 2] != "'":
                    return text[at + 1:end].replace("''", "'"), end + 1
                end += 2
        if first in "[{":
            closing, items = "]" if first == "[" else "}", [] if first == "[" else {}
            at += 1
            while True:
                while text[at:at + 1] == " ":
                    at += 1
                if text[at:at + 1] == closing:
                    return items, at + 1
                if first == "[":
                    item, at = self.flow(text, at, depth + 1)
                    items.append(item)
                else:
                    match = re.match(r'("(?:[^"\\]|\\.)*"|[^\s,:\[\]{}"\']+):(?= )', text[at:])
                    if not match or (match.group(1)[0] != '"' and "?" in match.group(1)):
                        self.bad("not a key")
                    key = self.quoted(match.group(1), 0)[0] if match.group(1)[0] == '"' else self.plain(match.group(1))
                    if not isinstance(key, str) or key in items:
                        self.bad("a key that is no text, or stands twice")
                    items[key], at = self.flow(text, at + match.end(), depth + 1)
                while text[at:at + 1] == " ":
                    at += 1
                if text[at:at + 1] == ",":
                    at += 1
                elif text[at:at + 1] != closing:
                    self.bad("a list that does not end")
        if first in "&*!|>%@`?":
            self.bad("an anchor, alias, tag or another form")
        within = self.inside(text, at)
        end = at + re.search(r"[,\]}]|$" if within else r" #|$", text[at:]).start()
        if within and ("?" in text[at:end] or first == ":"):
            self.bad("a question mark or a leading colon within brackets")
        return self.plain(text[at:end].rstrip(" ")), end

    def inside(self, text, at):
        return text[:at].count("[") + text[:at].count("{") > text[:at].count("]") + text[:at].count("}")

    def plain(self, text):
        lower = text.lower()
        if text in ("true", "false"):
            return text == "true"
        if not text or ": " in text or text.endswith(":") or text.startswith("- "):
            self.bad("an empty or broken value")
        if re.fullmatch(r"0|-?[1-9]\d*", text):
            if not -2 ** 63 <= int(text) < 2 ** 63:
                self.bad("a number that is too large")
            return int(text)
        words = "~ null y n yes no on off true false << = .inf .nan +.inf -.inf".split()
        if lower in words or (text[0] in "0123456789+-." and re.fullmatch(r"[0-9a-fA-FxXoO_.:+\-tTzZ ]+", text)):
            self.bad(f"`{text}` must be quoted")
        return text


def read(data, place):
    """The front matter and body of a text file, as a copy of its own."""
    key = hashlib.sha256(data).digest()
    if key not in READ:
        READ[key] = pickle.dumps(parse(data, place))
    return pickle.loads(READ[key])


READ = {}


def parse(data, place):
    """Holds a text file to sections 3.1 and 3.2."""
    need(len(data) <= 1 << 20, place, "too large")
    try:
        text = data.decode("utf-8")
    except UnicodeDecodeError:
        raise Violated(f"{place}: not UTF-8")
    need(text.endswith("\n") and not HIDING.search(text), place, "hidden characters, or no final newline")
    need(text.startswith("---\n"), place, "no front matter")
    rest = text[4:]
    end = 0 if rest.startswith("---\n") else rest.find("\n---\n") + 1
    need(rest.startswith("---\n") or end > 0, place, "no front matter")
    head = Yaml(rest[:end], place).document()
    need(isinstance(head, dict), place, "no map")
    if type(head.get("omega")) is int and head["omega"] > 1:
        raise Unknown(f"{place}: follows version {head['omega']} of the rules")
    return head, rest[end + 4:]


# ---- Section 12: the tree.

def nested(folder):
    """Whether git takes a folder for a repository within another one."""
    place = os.path.join(folder, ".git")
    if os.path.isfile(place):
        with open(place, "rb") as file:
            text = file.read()
        if not text.startswith(b"gitdir: "):
            return False
        place = os.path.join(folder, os.fsdecode(text[8:].rstrip(b"\r\n")))
    try:
        with open(os.path.join(place, "HEAD"), "rb") as file:
            head = file.read()
    except OSError:
        return os.path.islink(os.path.join(place, "HEAD"))
    common = place
    if os.path.isfile(os.path.join(place, "commondir")):
        with open(os.path.join(place, "commondir"), "rb") as file:
            common = os.path.join(place, os.fsdecode(file.read().rstrip()))
    is_head = re.match(rb"ref:\s*refs/|[0-9a-fA-F]{40}", head) is not None
    return is_head and all(os.path.isdir(os.path.join(common, name)) for name in ("objects", "refs"))


class Tree:
    def __init__(self, folder):
        self.files, self.modes = {}, {}
        for base, folders, names in os.walk(folder):
            inner = os.path.relpath(base, folder)
            inner = "" if inner == "." else inner + "/"
            if inner == "" and ".git" in folders:
                folders.remove(".git")
            for name in list(folders):
                path = os.path.join(base, name)
                if os.path.islink(path) or nested(path):
                    folders.remove(name)
                    names = names + [name]
            for name in names:
                path, full = inner + name, os.path.join(base, name)
                status = os.lstat(full)
                if stat.S_ISLNK(status.st_mode):
                    mode, data = "link", os.fsencode(os.readlink(full))
                elif stat.S_ISDIR(status.st_mode):
                    mode, data = "submodule", b""
                elif stat.S_ISREG(status.st_mode):
                    mode = "exec" if status.st_mode & 0o100 else "file"
                    with open(full, "rb") as file:
                        data = file.read()
                else:
                    mode, data = "other", b""
                self.files[path], self.modes[path] = data, mode


def kinds(tree):
    """Section 6: each file under canon/ is exactly one of the kinds."""
    for path in tree.files:
        if not is_canon(path):
            continue
        need(path.startswith("canon/"), path, "on some systems this is a path in canon/")
        need(tree.modes[path] == "file", path, "not a plain file")
        bare = path[:-4] if path.endswith(".sig") else path
        inside = FOLDER.fullmatch(bare)
        if inside:
            inner = inside.group(2)
            proof = path.endswith(".sig") and re.fullmatch(rf"(keys|recover)/{HEX}", inner)
            rendered = path == bare and inner in ("transcript.md", "docket.md")
            need(proof or rendered or RECORD.fullmatch(inner), path, "of no known kind")
            try:
                datetime.date.fromisoformat(inside.group(1)[:10])
            except ValueError:
                raise Violated(f"{path}: no real date")
            if not proof and not rendered:
                need(bare in tree.files and bare + ".sig" in tree.files, path, "a record without its other half")
        elif STATE.fullmatch(bare):
            pass
        else:
            need(OTHER.fullmatch(path), path, "of no known kind")
            if bare.endswith(".md"):
                need(bare in tree.files and bare + ".sig" in tree.files, path, "a record without its other half")
        if path.startswith("canon/bytes/"):
            need(digest(tree.files[path]) == "sha256:" + path[12:], path, "not what its name says")


# ---- Section 10: signatures, by ssh-keygen alone.

def wire(data):
    parts = []
    while data:
        size = int.from_bytes(data[:4], "big")
        if len(data) < 4 or len(data) < 4 + size:
            return None
        parts.append(data[4:4 + size])
        data = data[4 + size:]
    return parts


def signer(armor, place):
    """The key line that made a signature, read from its armor; ssh-keygen says whether it did."""
    need(len(armor) <= 8192, place, "too large")
    match = re.fullmatch(rb"-----BEGIN SSH SIGNATURE-----\n((?:[A-Za-z0-9+/=]+\n)+)-----END SSH SIGNATURE-----\n", armor)
    need(match, place, "no armor")
    text = match.group(1).replace(b"\n", b"")
    lines = [text[at:at + 70] for at in range(0, len(text), 70)]
    need(match.group(1) == b"".join(line + b"\n" for line in lines), place, "an armor in another form")
    try:
        blob = base64.b64decode(text, validate=True)
    except ValueError:
        raise Violated(f"{place}: no base64")
    need(base64.b64encode(blob) == text and blob[:10] == b"SSHSIG\0\0\0\x01", place, "no signature")
    parts = wire(blob[10:])
    need(parts and len(parts) == 5 and parts[2] == b"" and parts[3] == b"sha512", place, "a signature in another form")
    key = wire(parts[0])
    need(key and key[0] in (b"ssh-ed25519", b"sk-ssh-ed25519@openssh.com"), place, "a key of another kind")
    if key[0].startswith(b"sk-"):
        need(parts[4][-5] & 1, place, "nobody touched the key")
    return key[0].decode() + " " + base64.b64encode(parts[0]).decode()


class Signatures:
    def __init__(self):
        self.folder, self.known = tempfile.TemporaryDirectory(), {}

    def valid(self, principal, signers, namespace, data, armor, place):
        """Whether a signers file and ssh-keygen agree that this principal signed these bytes."""
        key = (principal, signers, namespace, digest(data), armor)
        if key not in self.known:
            files = [os.path.join(self.folder.name, name) for name in ("signers", "sig")]
            for path, content in zip(files, (signers, armor)):
                with open(path, "wb") as file:
                    file.write(content)
            ran = subprocess.run(["ssh-keygen", "-Y", "verify", "-f", files[0], "-I", principal, "-n", namespace, "-s", files[1]],
                                 input=data, capture_output=True)
            self.known[key] = ran.returncode == 0
        return self.known[key]


# ---- Sections 5, 8 and 14: globs, floors and tallies.

def glob_matches(glob, path):
    def segments(pattern, parts):
        if not pattern:
            return not parts
        if pattern[0] == "**":
            return any(segments(pattern[1:], parts[at:]) for at in range(len(parts) + 1))
        regex = "".join({"*": ".*", "?": "."}.get(c, re.escape(c)) for c in pattern[0])
        return bool(parts) and re.fullmatch(regex, parts[0], re.S) is not None and segments(pattern[1:], parts[1:])

    return segments(fold(glob).split("/"), fold(path).split("/"))


def governed(who, path):
    folded = fold(path)
    off = folded == "canon" or folded.startswith("canon/") or ".git" in path.split("/")
    return not off and any(glob_matches(glob, path) for glob in who)


# ---- Section 5.4: other names of a path.

def bare(segment):
    seen = "".join(c for c in segment if not hidden(c))
    return fold(seen.split(":")[0].rstrip(". "))


def odd(path):
    return any(c in "\\:~" or hidden(c) for c in path) or any(part[-1:] in (".", " ") for part in path.split("/"))


def bare_segments(path):
    return [bare(part) for part in re.split(r"[/\\]", path)]


def short_name(text):
    """What stands before the tilde of a short name, and what behind the dot."""
    stem, _, end = text.rpartition(".") if "." in text else (text, "", "")
    start, tilde, number = stem.rpartition("~")
    return (start, end) if tilde and start and len(stem) <= 8 and len(end) <= 3 and re.fullmatch(r"[0-9]+", number) else None


def short_for(text, pattern):
    parts = short_name(text)
    if parts is None:
        return False
    start, end = parts
    pattern = pattern.lstrip(".")
    stem, _, long_end = pattern.rpartition(".") if "." in pattern else (pattern, "", "")
    fits = (not long_end and "*" in stem) or "*" in long_end or "?" in long_end or long_end[:3] == end
    known = re.split(r"[*?]", re.sub(r"[. ]", "", stem))[0]
    known = re.sub(r"[+,;=\[\]]", "_", known)[:6]
    alike = lambda a: all(x == y or ord(y) > 127 for x, y in zip(a, known))
    begins = alike(start) and ("*" in stem or "?" in stem or len(start) <= len(known))
    hashed = len(start) > 4 and re.fullmatch(r"[0-9a-fA-F]{4}", start[-4:]) and len(start) <= 6 and alike(start[:-4])
    return fits and bool(begins or hashed)


def is_canon(path):
    first = path.split("/")[0]
    other = bare_segments(first)[0]
    return fold(first) == "canon" or (odd(first) and (other == "canon" or short_for(other, "canon")))


class Looks:
    """How far the globs of `who` have come along a path: which glob, how many segments of it, and whether one of them names something."""

    def __init__(self, who):
        self.globs = [fold(glob).split("/") for glob in who]
        self.start = self.closed({(glob, 0, False) for glob in range(len(who))})

    def closed(self, states):
        return states | {(glob, used + 1, named) for glob, used, named in states if self.globs[glob][used:used + 1] == ["**"]}

    def into(self, states, segment):
        after = set()
        for glob, used, named in states:
            pattern = "".join(self.globs[glob][used:used + 1])
            if pattern == "**":
                after.add((glob, used, named))
            elif pattern and (glob_matches(pattern, segment) or short_for(segment, pattern)):
                after.add((glob, used + 1, named or bool(pattern.strip("*?"))))
        return self.closed(after)

    def at(self, path):
        parts, states = bare_segments(path), self.start
        if parts[0] == "canon":
            return set()
        for part in parts:
            states = self.into(states, part)
        return states

    def ends(self, states):
        return any(used == len(self.globs[glob]) for glob, used, _ in states)

    def goes_on(self, states):
        return any(used < len(self.globs[glob]) for glob, used, _ in states)

    def by_name(self, states):
        return any(named and used < len(self.globs[glob]) for glob, used, named in states)


class Links:
    """Section 19: links, followed component by component through the tree's own entries."""

    def __init__(self, tree, who):
        self.tree, self.looks, self.inside = tree, Looks(who), {(): {}}
        for path in tree.files:
            parts = tuple(path.split("/"))
            for at in range(len(parts)):
                self.inside.setdefault(parts[:at], {}).setdefault(bare(parts[at]), set()).add(parts[at])

    def judge(self, path, matches):
        leads = self.leads(path)
        seen = self.looks.at(path)
        if matches:
            need(leads in ("file", "missing"), path, "a link that does not lead to a file")
        elif isinstance(leads, tuple):
            self.shows(leads, seen)
        elif leads in ("out", "missing", "lost"):
            need(not self.looks.by_name(seen), path, "a link that leads out, where `who` looks")
        else:
            need(leads == "file", path, "a link that cannot be followed")

    def leads(self, path):
        target = self.tree.files[path]
        if target.startswith(b"/"):
            return "out"
        try:
            target = target.decode("utf-8")
        except UnicodeDecodeError:
            return "refused"
        parts, at, is_file = target.split("/"), (), False
        if not target or len(target.encode()) > 4096 or len(parts) > 255 or any(c in target for c in "\\:\0"):
            return "refused"
        for part in path.split("/")[:-1]:
            if len(self.inside[at][bare(part)]) > 1:
                return "refused"
            at += (part,)
        for number, part in enumerate(parts):
            if is_file:
                return "refused"
            if part in ("", "."):
                continue
            if part == "..":
                if not at:
                    return "out"
                at = at[:-1]
                continue
            if bare(part) == ".git" or re.fullmatch(r"git~[0-9]*", bare(part)):
                return "refused"
            names = self.inside[at].get(bare(part))
            if not names:
                rest = parts[number + 1:]
                if short_name(bare(part)) or ".." in rest:
                    return "refused"
                return "lost" if rest else "missing"
            if names != {part}:
                return "refused"
            at += (part,)
            mode = self.tree.modes.get("/".join(at))
            if mode in ("link", "submodule"):
                return "refused"
            is_file = mode is not None
        return "file" if is_file else at

    def shows(self, folder, seen):
        for name, names in self.inside[folder].items():
            states = self.looks.into(seen, name)
            for place in (folder + (own,) for own in names):
                path = "/".join(place)
                mode, own = self.tree.modes.get(path), self.looks.at(path)
                if mode is None:
                    if self.looks.goes_on(states):
                        self.shows(place, states)
                    continue
                if not self.looks.ends(states) and not self.looks.goes_on(states):
                    continue
                known = self.looks.ends(own) or (mode == "submodule" and self.looks.goes_on(own))
                need(known or not self.looks.ends(states), path, "a link makes it appear where `who` looks")
                need(known or mode != "submodule", path, "a link makes a submodule appear where `who` looks")
                if mode == "link" and self.looks.goes_on(states):
                    leads = self.leads(path)
                    quiet = leads in ("out", "missing", "lost") and not self.looks.by_name(states)
                    need(leads == "file" or quiet, path, "a link leads to further links")


# ---- Sections 8 and 19: the full types of the policies. A function holds for a value, [type] is a list of it, a tuple a choice of
# ---- words, and a dict a map with these fields and no others, where `?` marks an optional one.

def text(value):
    return isinstance(value, str)


def boolean(value):
    return isinstance(value, bool)


def whole(bits):
    return lambda value: type(value) is int and 0 <= value < 1 << bits


def fraction(value):
    if not text(value) or not re.fullmatch(r"(0|[1-9]\d*)/[1-9]\d*", value):
        return False
    part, of = map(int, value.split("/"))
    return part <= of < 1 << 32 and math.gcd(part, of) == 1


def glob(value):
    if not text(value) or not 1 <= len(value.encode()) <= 256 or any(c in r"[]{}!\:" or hidden(c) for c in value):
        return False
    parts = fold(value).split("/")
    twice = any(one == two == "**" for one, two in zip(parts, parts[1:]))
    return not twice and all(part not in ("", ".", "..") and ("**" not in part or part == "**") and not is_dot_git(part) for part in parts)


def is_dot_git(part):
    bare = fold("".join(c for c in part if not hidden(c)).rstrip(". "))
    return bare == ".git" or re.fullmatch(r"git~\d+", bare) is not None


def governed_path(value):
    return (text(value) and 1 <= len(value.encode()) <= 1024 and unicodedata.is_normalized("NFC", value) and not any(c in "\\:" or hidden(c) for c in value)
            and all(part not in ("", ".", "..") and part[-1] not in ". " and not is_dot_git(part) for part in value.split("/")))


def public_key(value):
    return text(value) and re.match(r"(sk-)?ssh-ed25519(@openssh\.com)? \S+", value) is not None


def by_risk(kind):
    return {risk: kind for risk in ("low", "medium", "high", "critical")}


U8, U16, U32, RISK = whole(8), whole(16), whole(32), ("low", "medium", "high", "critical")
SENSITIVE = ("private_keys", "access_tokens", "passwords", "chief_token", "addresses_with_tokens", "personal_data")
STAGE = ("IDLE", "OPEN", "PIPE_GRANTED", "SUBMISSION", "SYNTHESIS", "VOTING", "CHIEF_RULING", "CLOSE")
POLICIES = {
    "OMEGA_IDENTITY": {
        "who": [glob], "name": text, "vessel": text, "invariants": [text], "anchors": [text], "contamination": [text],
        "never_claims": {"to_be": [text], "to_be_made_by": [text], "phrases": [text]},
        "drift": {"threshold": fraction, "window": U32, "minimum_anchors": U32},
    },
    "OXYSPINE_TRINITY": {
        "services": [{
            "name": text, "url?": text, "tcp?": text, "command?": [text], "critical": boolean, "needs": [text], "heal?": [text], "heal_timeout_s?": U32,
            "expect?": {"status?": [U16], "contains?": text, "latency_ms?": U32, "tls_days?": U32,
                        "json?": [{"at": text, "is": lambda value: isinstance(value, (str, int))}]},
        }],
        "recovery_order": [text], "legacy_names": [text], "authority_words": [text], "routing": by_risk(text),
        "authority": by_risk({"none": U8, "read_only": U8, "local_actions": U8, "external_actions": U8}),
        "headers": [{"name": text, "values": [text], "default?": text}],
        "watch?": {
            "period_s": U32, "deadline_s": U32, "parallel": U32, "failures": U32, "successes": U32, "grace_s": U32,
            "heal_on": [("refused", "timeout", "server_error", "exit")],
            "restarts": {"most": U32, "window_s": U32, "most_a_day": U32, "backoff_s": U32, "backoff_most_s": U32, "healthy_s": U32},
            "breaker": {"services": U32, "more_than": fraction}, "reminders": {"first_s": U32, "most_s": U32},
            "flapping": {"changes": U32, "within_s": U32},
            "maintenance?": [{"services?": [text], "from": text, "minutes": U32,
                              "day?": ("monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday")}],
            "deployed?": [{"file": text, "is": governed_path}],
            "channels": [{"name": text, "kind": ("telegram", "webhook", "command", "file"), "least": ("notice", "warning", "critical"),
                          "command?": [text], "file?": text}],
            "retention": {"cycles_days": U32, "events_days": U32, "hours_days": U32}, "path": [text], "environment": [text],
        },
    },
    "PEACE_PIPE_PROTOCOL": {
        "deliberation": by_risk(("off", "optional", "required")), "submissions": ("open", "sealed"), "laps": U32, "minimum_spoken": U32,
        "risk": {"floors": [{"paths": glob, "floor": RISK}], "new_document": RISK, "who": RISK, "otherwise": RISK},
        "emergency": {"settle_hours": U32, "expire_hours": U32}, "limits": {"open_per_member": U32, "ballots": U32}, "artifacts": [text],
        "machine": {"transitions": [{
            "from": [STAGE], "to": STAGE, "by": ("anyone", "voter", "clerk", "chief", "proposer"),
            "event": ("propose", "seal", "reveal", "turn", "skip", "synthesize", "vote", "withdraw", "rule", "close"),
            "requires?": [("deliberation_allowed", "deliberation_not_demanded", "silent_so_far", "open_submissions", "sealed_submissions", "holds_pipe",
                           "first_time", "all_sealed", "lap_open", "lap_complete", "enough_spoken", "next_ballot", "artifacts_bound")],
        }]},
    },
    "MEMORY_CONSTITUTION": {
        "tiers": [{"layer": U8, "name": text, "holds": text, "stale_after_hours?": U32, "durable": boolean}], "retrieval_order": [U8],
        "write_triggers": [{"event": text, "layer": U8, "probation": boolean}], "never_written": [SENSITIVE], "probation_days": U32,
        "promoted_by": [text], "revision": [("supersede", "archive", "purge")],
        "purge": {"explicit_command": boolean, "resolution_from_layer": U8},
        "provenance": {"from_layer": U8, "fields": [text], "history_from_layer": U8},
    },
    "SECURITY_AND_PRIVACY": {
        "protected_refs": [text], "ruling_presence": ("optional", "required"), "threats": [{"threat": text, "answer": text, "shows_as?": [text]}],
        "keys": {"algorithms": [text], "file_mode": text, "rotate_after_days": U32}, "never_recorded": [SENSITIVE],
        "audited": [("deliberation", "rulings", "keys", "cycles", "restarts", "alerts", "credits")], "forbidden_commands": [[text]], "forbidden_paths": [glob],
    },
    "CONSENSUS_ENGINE": {
        "classes": by_risk({"quorum": fraction, "people": U32, "operators": U32, "threshold": fraction, "faults": U32,
                            "bypass": [("OVERRIDE", "QUORUM_UNAVAILABLE", "STRICT_MODE_DISABLED")]}),
        "recovery?": {"threshold": U32, "keys": [public_key]},
    },
    "ECONOMY_MODEL": {
        "unit": text, "transferable": boolean, "awards": [{"event": text, "tenths": U32}], "penalties": [{"event": text, "tenths": U32}],
        "daily_award_cap_tenths": U32, "daily_penalty_cap_tenths": U32, "budgets?": [{"event": text, "per_day": U32}],
    },
}


POLICIES["CONSTITUTION"] = {
    "who": [glob], "protected_refs": [text], "ruling_presence": ("optional", "required"), **POLICIES["CONSENSUS_ENGINE"],
    "forbidden_commands?": [[text]], "forbidden_paths?": [glob],
}

# The protocol of a state without PEACE_PIPE_PROTOCOL.
STANDARD_PROTOCOL = b"""---
policy:
  deliberation:
    low: "off"
    medium: optional
    high: optional
    critical: optional
  submissions: open
  laps: 1
  minimum_spoken: 3
  risk:
    floors:
      - paths: canon/CONSTITUTION.md
        floor: critical
      - paths: canon/OMEGA_IDENTITY.md
        floor: critical
      - paths: canon/SECURITY_AND_PRIVACY.md
        floor: critical
      - paths: canon/PEACE_PIPE_PROTOCOL.md
        floor: critical
      - paths: canon/CONSENSUS_ENGINE.md
        floor: critical
      - paths: canon/council/**
        floor: critical
      - paths: canon/phylactery/invariant/**
        floor: critical
      - paths: canon/phylactery/value/**
        floor: critical
      - paths: canon/MEMORY_CONSTITUTION.md
        floor: high
      - paths: canon/phylactery/style/**
        floor: low
      - paths: canon/phylactery/memory/**
        floor: low
      - paths: canon/phylactery/fact/**
        floor: low
    new_document: medium
    who: medium
    otherwise: medium
  emergency:
    settle_hours: 24
    expire_hours: 72
  limits:
    open_per_member: 8
    ballots: 9
  artifacts: [transcript.md, docket.md, ruling]
  machine:
    transitions:
      - from: [IDLE]
        event: propose
        to: OPEN
        by: anyone
      - from: [OPEN]
        event: seal
        to: OPEN
        by: voter
        requires: [deliberation_allowed, sealed_submissions, first_time]
      - from: [OPEN, PIPE_GRANTED]
        event: reveal
        to: PIPE_GRANTED
        by: voter
        requires: [sealed_submissions, all_sealed, first_time, lap_open]
      - from: [OPEN, PIPE_GRANTED]
        event: reveal
        to: SUBMISSION
        by: voter
        requires: [sealed_submissions, all_sealed, first_time, lap_complete]
      - from: [OPEN, PIPE_GRANTED]
        event: turn
        to: PIPE_GRANTED
        by: voter
        requires: [deliberation_allowed, open_submissions, holds_pipe, lap_open]
      - from: [OPEN, PIPE_GRANTED]
        event: turn
        to: SUBMISSION
        by: voter
        requires: [deliberation_allowed, open_submissions, holds_pipe, lap_complete]
      - from: [OPEN, PIPE_GRANTED]
        event: skip
        to: PIPE_GRANTED
        by: clerk
        requires: [deliberation_allowed, holds_pipe, lap_open]
      - from: [OPEN, PIPE_GRANTED]
        event: skip
        to: SUBMISSION
        by: clerk
        requires: [deliberation_allowed, holds_pipe, lap_complete]
      - from: [SUBMISSION]
        event: synthesize
        to: SYNTHESIS
        by: clerk
        requires: [enough_spoken]
      - from: [OPEN]
        event: vote
        to: VOTING
        by: voter
        requires: [deliberation_not_demanded, silent_so_far, next_ballot]
      - from: [SYNTHESIS, VOTING]
        event: vote
        to: VOTING
        by: voter
        requires: [next_ballot]
      - from: [OPEN, PIPE_GRANTED, SUBMISSION, SYNTHESIS, VOTING]
        event: withdraw
        to: CLOSE
        by: proposer
      - from: [OPEN]
        event: rule
        to: CHIEF_RULING
        by: chief
        requires: [deliberation_not_demanded, silent_so_far]
      - from: [SYNTHESIS, VOTING]
        event: rule
        to: CHIEF_RULING
        by: chief
      - from: [CHIEF_RULING]
        event: close
        to: CLOSE
        by: chief
        requires: [artifacts_bound]
---
"""


def has_type(value, kind, place):
    if isinstance(kind, list):
        need(isinstance(value, list), place, "not a list")
        for at, item in enumerate(value):
            has_type(item, kind[0], f"{place}[{at}]")
    elif isinstance(kind, dict):
        need(isinstance(value, dict), place, "not a map")
        fields = {name.rstrip("?"): name for name in kind}
        for name in value:
            need(name in fields, place, f"no field `{name}`")
        for name, marked in fields.items():
            need(name in value or marked.endswith("?"), place, f"lacks `{name}`")
            if name in value:
                has_type(value[name], kind[marked], f"{place}.{name}")
    else:
        need(value in kind if isinstance(kind, tuple) and text(value) else callable(kind) and kind(value), place, "of another type")


class Law:
    """What a state says that judges: the council and the policies."""

    def __init__(self, state, stored):
        def policy(name):
            path = f"canon/{name}.md"
            return read(stored[state[path][1]], path)[0]["policy"]

        self.members, points = {}, set()
        for path in state:
            if path.startswith("canon/council/"):
                head, _ = read(stored[state[path][1]], path)
                need(head.get("name") == path[14:-3], path, "says another name")
                self.members[head["name"]] = head
        chiefs = [name for name, member in self.members.items() if member["role"] == "chief"]
        clerks = [name for name, member in self.members.items() if member["role"] == "clerk"]
        need(len(chiefs) == 1 and len(clerks) <= 1, "canon/council", "not one Chief, or more than one Clerk")
        need(self.members[chiefs[0]]["kind"] == "human", "canon/council", "a Chief who is no person")
        plain = [member for member in self.members.values() if member["role"] == "member"]
        need(not plain or any(member["weight"] > 0 for member in plain), "canon/council", "members, and none with a vote")
        self.chief, self.clerk = chiefs[0], (clerks or chiefs)[0]
        short = "canon/CONSTITUTION.md" in state
        for name in PARTS:
            need((f"canon/{name}.md" in state) != short, f"canon/{name}.md", "missing, or there beside a CONSTITUTION")
        identity, security, consensus = ["CONSTITUTION"] * 3 if short else PARTS
        self.consensus_path = f"canon/{consensus}.md"
        self.who, self.security, self.consensus = policy(identity)["who"], policy(security), policy(consensus)
        standard = "canon/PEACE_PIPE_PROTOCOL.md" not in state
        self.pipe = read(STANDARD_PROTOCOL, "the standard protocol")[0]["policy"] if standard else policy("PEACE_PIPE_PROTOCOL")
        self.keys = {}
        for name, member in sorted(self.members.items()):
            need(0 <= member["weight"] <= 1000000 and (member["weight"] == 0 or member["role"] == "member"), "canon/council", "a weight that cannot be")
            for line in member["keys"]:
                self.keys[" ".join(line.split(" ")[:2])] = name
        self.recovery = [" ".join(line.split(" ")[:2]) for line in self.consensus.get("recovery", {}).get("keys", [])]
        for line in [line for member in self.members.values() for line in member["keys"]] + self.recovery:
            point = raw_key(line)
            need(point not in points, "canon/council", "one key twice")
            points.add(point)
        seats = [member["seat"] for member in self.members.values()]
        need(len(set(seats)) == len(seats), "canon/council", "one seat twice")
        for rules in self.consensus["classes"].values():
            quorum, threshold = fractions.Fraction(rules["quorum"]), fractions.Fraction(rules["threshold"])
            need(0 < quorum <= 1 and fractions.Fraction(1, 2) <= threshold <= 1, self.consensus_path, "a fraction that cannot be")
            voters = len(self.voters())
            need(not voters or rules["people"] <= voters, self.consensus_path, "more people than there are")

    def voters(self):
        voters = [member for member in self.members.values() if member["role"] == "member" and member["weight"] > 0]
        return sorted(voters, key=lambda member: member["seat"])

    def signers(self, git=False):
        common = ["enrol", "proposal", "reveal", "seal", "synthesis", "turn", "vote", "withdrawal"]
        lines = []
        for name, member in sorted(self.members.items()):
            names = [f"omega-{kind}-v1" for kind in common + (["ruling", "state"] if name == self.chief else [])]
            listed = ("git," if git else "") + ",".join(names)
            lines += [f'{name} namespaces="{listed}" {" ".join(line.split(" ")[:2])}\n' for line in member["keys"]]
        listed = ("git," if git else "") + "omega-enrol-v1,omega-recover-v1"
        lines += [f'recovery.keys namespaces="{listed}" {line}\n' for line in self.recovery]
        return "".join(lines).encode()

    def fixed(self, state):
        paths = [path for path in state if path.startswith("canon/council/")]
        paths += [f"canon/{name}.md" for name in FIXED if f"canon/{name}.md" in state]
        return {path: state[path] for path in paths}, self.who

    def floor(self, path, is_new):
        order = ["low", "medium", "high", "critical"]
        risk = self.pipe["risk"]
        if not path.startswith("canon/"):
            return order.index(risk["who"])
        found = [order.index(rule["floor"]) for rule in risk["floors"] if glob_matches(rule["paths"], path)]
        if is_new and re.fullmatch(rf"canon/{DOC}\.md", path):
            found.append(order.index(risk["new_document"]))
        return max(found) if found else order.index(risk["otherwise"])

    def tally(self, ballots, risk):
        """The tally, and the bypass that an approval needs."""
        rules, voters = self.consensus["classes"][risk], self.voters()
        counted = {"eligible": sum(v["weight"] for v in voters), "cast": 0, "approve": 0, "reject": 0, "amend": 0, "abstain": 0}
        cast = [voter for voter in voters if voter["name"] in ballots]
        for voter in cast:
            counted["cast"] += voter["weight"]
            counted[ballots[voter["name"]]] += voter["weight"]
        operators = {voter.get("operator", voter["name"]) for voter in cast}
        faults = rules["faults"]
        quorum = not voters or (
            counted["cast"] >= fractions.Fraction(rules["quorum"]) * counted["eligible"] and len(cast) >= rules["people"]
            and len(operators) >= rules["operators"] and (faults == 0 or len(cast) > 2 * faults))
        threshold = fractions.Fraction(rules["threshold"])
        approved = not voters or (counted["cast"] > 0 and counted["approve"] >= threshold * counted["cast"])
        if not quorum:
            return counted, "QUORUM_UNAVAILABLE"
        if voters and faults and len(voters) <= 3 * faults:
            return counted, "STRICT_MODE_DISABLED"
        return counted, None if approved else "OVERRIDE"


def raw_key(line):
    parts = wire(base64.b64decode(line.split(" ")[1], validate=True))
    return parts[1]


# ---- Sections 15 to 18: resolutions and rulings.

class Canon:
    def __init__(self, tree, signatures):
        self.tree, self.signatures = tree, signatures
        self.stored = {"sha256:" + path[12:]: data for path, data in tree.files.items() if path.startswith("canon/bytes/")}
        self.folders, self.records = {}, {}
        for path, data in tree.files.items():
            inside = FOLDER.fullmatch(path)
            if inside:
                self.folders.setdefault(inside.group(1), {})[inside.group(2)] = data
        self.rulings, self.laws, self.states, self.closed, self.purged = [], [], [], {}, {}
        self.unsettled, self.owners, self.versions, self.undone = {}, {}, {}, set()

    def root(self):
        return self.rulings[0][1] if self.rulings else None

    def git_signers(self):
        """Section 11.1: the keys in force, then those that have left, for commits up to the ruling by which they did."""
        def held(law):
            return {raw_key(line): (name, line) for line, name in [*law.keys.items(), *((line, "recovery.keys") for line in law.recovery)]}

        left, now = {}, held(self.laws[-1])
        for number in range(1, len(self.laws)):
            before, after = held(self.laws[number - 1]), held(self.laws[number])
            for point in before:
                if point not in after and point not in now:
                    left[point] = (number, *before[point])
        lines = []
        for number, name, line in sorted(left.values()):
            until = re.sub(r"[^0-9Z]", "", self.rulings[number][0]["at"])
            lines.append(f'{name} namespaces="git",valid-before="{until}" {line}\n')
        return self.laws[-1].signers(git=True) + "".join(lines).encode()

    def signers_at(self, number):
        """The newest signers file at or before a ruling, as the tree holds it; that it is right is checked apart."""
        for at in range(number, -1, -1):
            data = self.tree.files.get(f"canon/ledger/{at:06}.signers")
            if data is not None:
                return data
        raise Violated("canon/ledger/000000.signers: missing")

    def signed(self, path, data, armor, kind, by, number):
        need(self.signatures.valid(by, self.signers_at(number), NAMESPACES[kind], data, armor, path), path + ".sig",
             f"not signed by {by} with a key that was in force")
        return signer(armor, path + ".sig")

    def sequence_of(self, wanted):
        return next((number for number, (_, own) in enumerate(self.rulings) if own == wanted), None)

    def examine(self, ident, files, number, recovery_ok=True):
        """Section 15, without the protocol machine: every record is bound and signed, and ballots follow one another."""
        folder = f"canon/resolutions/{ident}/"
        need("proposal.md" in files, folder + "proposal.md", "missing")
        proposal, _ = read(files["proposal.md"], folder + "proposal.md")
        own, law = digest(files["proposal.md"]), self.laws[number] if number < len(self.laws) else None
        seen = {}
        for name, data in sorted(files.items()):
            if name.endswith(".sig"):
                if name.startswith(("keys/", "recover/")):
                    armor, place = data, folder + name
                    key = signer(armor, place)
                    blob = base64.b64decode(key.split(" ")[1])
                    need(hashlib.sha256(blob).hexdigest() == name.split("/")[1][:-4], place, "the signature of another key")
                    what = "enrol" if name.startswith("keys/") else "recover"
                    line = f"anyone {key}\n".encode()
                    need(self.signatures.valid("anyone", line, f"omega-{what}-v1", files["proposal.md"], armor, place), place, "not valid")
                continue
            if name in ("transcript.md", "docket.md"):
                continue
            place = folder + name
            head, body = read(data, place)
            kind = {"turns": "turn", "seals": "seal", "reveals": "reveal", "votes": "vote"}.get(name.split("/")[0], name[:-3])
            need(head.get("kind") == kind and head.get("omega") == 1, place, "of another kind")
            need(head.get("resolution") == ident, place, "of another resolution")
            need(head.get("canon") == self.root(), place, "of another canon")
            if kind != "proposal":
                need(head.get("proposal") == own, place, "about another proposal")
            if kind == "turn":
                need(name == f"turns/{head['turn']:03}.md", place, "in the wrong place")
            elif kind == "vote":
                need(name == f"votes/{head['by']}.{head['ballot']}.md", place, "in the wrong place")
            elif kind in ("seal", "reveal"):
                need(name == f"{kind}s/{head['by']}.md", place, "in the wrong place")
            for field in ("confidence",):
                need(0 <= head.get(field, 0) <= 100, place, "a confidence that cannot be")
            need(law is None or head["by"] in law.members, place, "by nobody of the council")
            if kind == "proposal" and head.get("recovery") and head["by"] == law.chief:
                key = signer(files["proposal.md.sig"], place)
                blob = hashlib.sha256(base64.b64decode(key.split(" ")[1])).hexdigest()
                if f"keys/{blob}.sig" in files:
                    line = f"{head['by']} {key}\n".encode()
                    need(self.signatures.valid(head["by"], line, NAMESPACES[kind], data, files["proposal.md.sig"], place), place, "not signed")
                    seen[name] = (head, body, digest(data))
                    continue
            self.signed(place, data, files[name + ".sig"], kind, head["by"], number)
            seen[name] = (head, body, digest(data))
        turns = sorted(name for name in seen if name.startswith("turns/"))
        previous = own
        for count, name in enumerate(turns, 1):
            need(seen[name][0]["turn"] == count and seen[name][0]["previous"] == previous, folder + name, "out of order")
            previous = seen[name][2]
        if "synthesis.md" in seen:
            reveals = sorted(name for name in seen if name.startswith("reveals/"))
            need(seen["synthesis.md"][0]["turns"] == [seen[name][2] for name in turns + reveals], folder + "synthesis.md", "of other statements")
            need(law is None or seen["synthesis.md"][0]["by"] == law.clerk, folder + "synthesis.md", "not by the Clerk")
        for name, (head, body, _) in seen.items():
            if name.startswith("reveals/"):
                seal = seen.get(f"seals/{head['by']}.md")
                seals = {n[6:-3]: d for n, (_, _, d) in seen.items() if n.startswith("seals/")}
                need(seal and head["seal"] == seal[2] and head["seals"] == seals, folder + name, "reveals upon other seals")
                text = "\n".join(["omega-seal-v1", head["canon"], head["proposal"], head["by"], head["nonce"], head["position"],
                                  str(head["confidence"]), body.strip("\n")])
                need(digest(text.encode()) == seal[0]["hash"], folder + name, "reveals something else than was sealed")
        ballots, votes = {}, sorted((n for n in seen if n.startswith("votes/")), key=lambda n: (seen[n][0]["ballot"], n))
        synthesis = seen["synthesis.md"][2] if "synthesis.md" in seen else None
        for name in votes:
            head, _, own_digest = seen[name]
            last = ballots.get(head["by"])
            need(head["ballot"] == (last[1] + 1 if last else 1) and head.get("replaces") == (last[2] if last else None), folder + name, "out of order")
            need(head.get("synthesis") == synthesis, folder + name, "on another synthesis")
            need(law is None or any(voter["name"] == head["by"] for voter in law.voters()), folder + name, "by somebody without a vote")
            need(head["choice"] in ("approve", "reject", "amend", "abstain"), folder + name, "no choice")
            need(law is None or head["ballot"] <= law.pipe["limits"]["ballots"], folder + name, "one ballot too many")
            ballots[head["by"]] = (head["choice"], head["ballot"], own_digest)
        if "withdrawal.md" in seen:
            need(seen["withdrawal.md"][0]["by"] == proposal["by"], folder + "withdrawal.md", "not by the proposer")
        return proposal, {by: ballot[0] for by, ballot in ballots.items()}, seen

    def shape(self, proposal, place):
        paths = [change["path"] for change in proposal["changes"]]
        need(paths == sorted(set(paths), key=lambda path: path.encode()), place, "changes that are not sorted")
        need(proposal["changes"] or proposal.get("settles") or proposal.get("purge"), place, "changes nothing")
        for change in proposal["changes"]:
            path = change["path"]
            need(("mode" in change) == ("after" in change) and ("before" in change or "after" in change), place, f"{path}: no change")
            parts = path.split("/")
            need(path and unicodedata.is_normalized("NFC", path) and all(part and part not in (".", "..") for part in parts)
                 and not any(hidden(c) or c in "\\:" for c in path) and not any(part[-1] in ". " for part in parts)
                 and not any(fold(part) == ".git" or re.fullmatch(r"git~\d+", fold(part)) for part in parts), place, f"{path}: no path")
            if path.startswith("canon/"):
                need(STATE.fullmatch(path) and change.get("mode", "file") == "file" and "released" not in change, place, f"{path}: no state file")
            if "released" in change:
                need(change["released"] is True and "after" not in change, place, f"{path}: no release")

    def check(self, proposal, place, base, stale_ok=False):
        """Section 16, against the base state."""
        self.shape(proposal, place)
        law, state = (self.laws[base], self.states[base]) if base is not None else (None, {})
        for change in proposal["changes"]:
            path = change["path"]
            need(change.get("before") == (state[path][1] if path in state else None), place, f"{path}: `before` is not the base")
            if "after" in change:
                need(state.get(path) != (change["mode"], change["after"]), place, f"{path}: no change")
        if law:
            order = ["low", "medium", "high", "critical"]
            least = [law.floor(change["path"], "before" not in change) for change in proposal["changes"]]
            if proposal.get("recovery"):
                least.append(3)
            need(order.index(proposal["risk"]) >= max(least, default=0), place, "declares less risk than it has")
        chief = law.chief if law else proposal["by"]
        changed = {change["path"]: change for change in proposal["changes"]}
        for path, change in changed.items():
            document = re.fullmatch(rf"canon/({DOC})\.md", path)
            data = self.stored.get(change.get("after"))
            if document and document.group(1) != "CONSTITUTION":
                fact = changed.get(f"canon/phylactery/fact/{document.group(1)}.md")
                need(fact and ("after" in fact) == ("after" in change), f"canon/phylactery/fact/{document.group(1)}.md", "a document changes without its fact")
            if data is None or "after" not in change or not path.startswith("canon/"):
                continue
            head, _ = read(data, path)
            if document:
                need(head["document"] == document.group(1) and head["council_resolution_id"] == proposal["resolution"]
                     and head["ratified_by"] == chief, path, "stamped otherwise")
                fact_data = self.stored.get(fact["after"]) if document.group(1) != "CONSTITUTION" else None
                if fact_data is not None:
                    need(read(fact_data, path)[0]["value"] == f"{head['version']} {change['after']}", path, "its fact says something else")
            elif path.startswith("canon/phylactery/"):
                domain, key = path[17:-3].split("/")
                need(head["domain"] == domain and head["key"] == key and head["council_resolution_id"] == proposal["resolution"]
                     and head.get("supersedes") == change.get("before"), path, "stamped otherwise")
                if domain == "fact" and re.fullmatch(DOC, key):
                    need(key != "CONSTITUTION" and f"canon/{key}.md" in changed, path, "a fact changes without its document")
            if document or path.startswith("canon/phylactery/"):
                version = tuple(int(part) for part in str(head["version"]).split("."))
                highest = max((v for n, v in self.versions.get(path, []) if base is not None and n <= base), default=None)
                need(highest is None or version > highest, path, "a version that does not rise")
        return changed

    def rule(self, number):
        place = f"canon/ledger/{number:06}.md"
        data = self.tree.files.get(place)
        need(data is not None, place, "missing")
        ruling, _ = read(data, place)
        need(ruling.get("kind") == "ruling" and ruling.get("omega") == 1 and ruling.get("sequence") == number, place, "no ruling of this number")
        need(ruling.get("previous") == (self.rulings[-1][1] if number else None) and ruling.get("canon") == self.root(), place, "the chain is broken")
        listed = ruling["records"]
        for path, wanted in listed.items():
            need(path in self.tree.files and digest(self.tree.files[path]) == wanted, path, "not as the ruling saw it")
        # Section 18.2: the folders that it closes.
        walk, ident, expected, first = [], ruling["resolution"], set(), None
        while ident is not None:
            need(ident not in walk, place, "supersedes in a circle")
            if ident in self.closed:
                need(walk, place, "closes what is closed")
                verdict = self.rulings[self.closed[ident]][0]["verdict"]
                need(ruling["verdict"] in ("reject", "amend") or verdict not in ("approve", "emergency", "recover"), place, "supersedes what is ratified")
                break
            folder = f"canon/resolutions/{ident}/"
            files = {path[len(folder):]: self.tree.files[path] for path in listed if path.startswith(folder)}
            for name in list(files):
                if name.endswith(".md") and name not in ("transcript.md", "docket.md"):
                    need(name + ".sig" in files, folder + name + ".sig", "not listed")
            need("proposal.md" in files, folder + "proposal.md", "not listed")
            head, _ = read(files["proposal.md"], folder + "proposal.md")
            base = self.sequence_of(head.get("base")) if number else None
            need(not number or base is not None, folder + "proposal.md", "a base that is no ruling")
            result = self.examine(ident, files, base if number else 0)
            if not walk:
                first = (files, base) + result
                renderings = {"transcript.md", "docket.md"} & set(files)
                need(len(renderings) == (2 if number else 0), folder + "docket.md", "not listed, or listed by the first ruling")
            else:
                need(head["by"] == first[2]["by"], folder + "proposal.md", "supersedes what somebody else proposed")
                need(not {"transcript.md", "docket.md"} & set(files), folder + "docket.md", "listed")
            expected |= {folder + name for name in files}
            walk.append(ident)
            ident = head.get("supersedes")
        need(expected == set(listed), place, "lists what it does not close")
        files, base, proposal, ballots, seen = first
        need(ruling["proposal"] == digest(files["proposal.md"]), place, "about another proposal")
        where = f"canon/resolutions/{ruling['resolution']}/proposal.md"
        verdict, before = ruling["verdict"], dict(self.states[-1]) if number else {}
        need(("expires" in ruling) == (verdict == "emergency") and ("bypass" not in ruling or verdict == "approve"), place, "fields of another verdict")
        self.shape(proposal, where)
        if number == 0:
            need(verdict == "approve" and not any(field in proposal for field in ("base", "supersedes", "settles", "purge", "recovery")), where, "no genesis")
        else:
            need("withdrawal.md" not in seen, place, "rules what was withdrawn")
        after, base_law = before, self.laws[base] if number else None
        applies = verdict in ("approve", "emergency", "recover")
        if applies:
            if number:
                need(self.laws[base].fixed(self.states[base]) == self.laws[-1].fixed(before), place, "approved though stale")
                for change in proposal["changes"]:
                    need(self.states[base].get(change["path"]) == before.get(change["path"]), place, "approved though stale")
            self.check(proposal, where, base)
            for change in proposal["changes"]:
                need(not any(change["path"] in kept for kept in self.unsettled.values()), place, "changes what an emergency holds")
                if "after" in change:
                    after[change["path"]] = (change["mode"], change["after"])
                else:
                    after.pop(change["path"], None)
        if number and verdict in ("emergency", "expire", "recover"):
            need(not any(name.startswith(("turns/", "seals/", "reveals/", "votes/", "synthesis")) for name in seen), place, "against a vote")
        settles = proposal.get("settles")
        if verdict == "emergency":
            fixed = re.compile(rf"canon/(council/.*|(phylactery/fact/)?({'|'.join(FIXED)})\.md)")
            need(proposal["by"] == base_law.chief and proposal["changes"] and not settles and "purge" not in proposal and "supersedes" not in proposal, place, "no emergency")
            for change in proposal["changes"]:
                need(not fixed.fullmatch(change["path"]) and "released" not in change and change["path"] not in self.undone, place, "an emergency out of bounds")
            hours = base_law.pipe["emergency"]["expire_hours"]
            need(instant(ruling["expires"]) == instant(ruling["at"]) + datetime.timedelta(hours=hours), place, "expires at another time")
        if verdict == "recover":
            self.recovery(proposal, files, before, after, place)
        if settles and verdict in ("approve", "reject", "expire"):
            number_of = self.sequence_of(settles)
            need(number_of in self.unsettled or verdict == "reject", place, "settles nothing")
            if number_of in self.unsettled:
                kept = self.unsettled.pop(number_of)
                if verdict == "approve":
                    self.undone -= set(kept)
                else:
                    self.undone |= set(kept)
                    for path, content in kept.items():
                        if content is None:
                            after.pop(path, None)
                        else:
                            after[path] = content
        elif verdict == "expire":
            raise Violated(f"{place}: settles nothing")
        law = Law(after, self.stored)
        self.valid_state(before, after, law, proposal, applies)
        if verdict == "emergency":
            need(law.who == self.laws[-1].who, place, "an emergency changes who is governed")
            self.unsettled[number] = {c["path"]: self.states[-1].get(c["path"]) for c in proposal["changes"]}
        counted, bypass = (base_law or law).tally(ballots, proposal["risk"])
        need(ruling["tally"] == counted, place, f"counts {ruling['tally']} where the votes say {counted}")
        if verdict == "approve" and number:
            need(ruling.get("bypass") == bypass, place, f"needs the bypass {bypass}")
            need(bypass is None or bypass in base_law.consensus["classes"][proposal["risk"]]["bypass"], place, "a bypass that is not permitted")
            need("recovery" not in proposal, place, "approves a recovery")
        judge = law if number == 0 or verdict == "recover" else self.laws[-1]
        need(ruling["by"] == judge.chief and (number or proposal["by"] == judge.chief), place, "not by the Chief")
        armor = self.tree.files[place + ".sig"]
        made_by = self.signed(place, data, armor, "ruling", ruling["by"], number if number == 0 or verdict == "recover" else number - 1)
        need(judge.keys.get(made_by) == judge.chief, place, "not by a key of the Chief")
        if judge.security["ruling_presence"] == "required":
            need(made_by.startswith("sk-"), place, "not by a key that was touched")
        # Section 18.4.10: added keys agree.
        if applies:
            last = self.laws[-1] if number else None
            had = {raw_key(line) for line in (list(last.keys) + last.recovery if last else [])}
            added = {line for line in list(law.keys) + law.recovery if raw_key(line) not in had}
            enrolled = {name[5:-4] for name in files if name.startswith("keys/")}
            ids = {hashlib.sha256(base64.b64decode(line.split(" ")[1])).hexdigest(): line for line in added}
            need(enrolled <= set(ids), where, "enrols a key that it does not add")
            must = {ident for ident, line in ids.items() if number or law.keys.get(line) == law.chief}
            need(must <= enrolled, where, "adds a key that did not agree")
            for line in list(law.keys) + law.recovery:
                owner, point = law.keys.get(line), raw_key(line)
                if point in self.owners and number:
                    need(point in had and self.owners[point] == owner, "canon/council", "a key comes back or changes hands")
                self.owners[point] = owner
        if verdict == "approve":
            for gone in proposal.get("purge", []):
                need(gone not in [content[1] for path, content in before.items() if path not in [c["path"] for c in proposal["changes"]]], place, "purges what the state needs")
                self.purged[gone] = number
        for change in proposal["changes"] if applies else []:
            head_data = self.stored.get(change.get("after"))
            if head_data is not None and change["path"].startswith("canon/") and not change["path"].startswith("canon/council/"):
                head, _ = read(head_data, change["path"])
                version = tuple(int(part) for part in str(head["version"]).split("."))
                self.versions.setdefault(change["path"], []).append((number, version))
            if verdict != "emergency":
                self.undone.discard(change["path"])
        if number == 0 or law.signers() != self.laws[-1].signers():
            need(self.tree.files.get(f"canon/ledger/{number:06}.signers") == law.signers(), f"canon/ledger/{number:06}.signers", "not as it must be")
        else:
            need(f"canon/ledger/{number:06}.signers" not in self.tree.files, f"canon/ledger/{number:06}.signers", "not there to be")
        self.rulings.append((ruling, digest(data)))
        self.laws.append(law)
        self.states.append(after)
        for ident in walk:
            self.closed[ident] = number

    def recovery(self, proposal, files, before, after, place):
        last = self.laws[-1]
        need(proposal.get("recovery") is True and "recovery" in last.consensus, place, "no recovery")
        keys = {hashlib.sha256(base64.b64decode(line.split(" ")[1])).hexdigest() for line in last.recovery}
        signed = {name[8:-4] for name in files if name.startswith("recover/")}
        need(signed <= keys and len(signed) >= last.consensus["recovery"]["threshold"], place, "too few recovery keys")
        law = Law(after, self.stored)
        allowed = {f"canon/council/{law.chief}.md", last.consensus_path, "canon/phylactery/fact/CONSENSUS_ENGINE.md"}
        need({change["path"] for change in proposal["changes"]} <= allowed, place, "a recovery out of bounds")
        old = {raw_key(line) for line, owner in last.keys.items() if owner == last.chief}
        need(not old & {raw_key(line) for line, owner in law.keys.items() if owner == law.chief}, place, "keeps a lost key")
        path = f"canon/council/{law.chief}.md"
        if path in before and before[path] != after[path]:
            (was, text), (now, body) = (read(self.stored[s[path][1]], path) for s in (before, after))
            was.pop("keys"), now.pop("keys")
            need(was == now and text == body, place, "changes more than keys")
        path = last.consensus_path
        if before[path] != after[path]:
            (was, text), (now, body) = (read(self.stored[s[path][1]], path) for s in (before, after))
            for head in (was, now):
                head["policy"].pop("recovery", None)
            need(was["policy"] == now["policy"] and was["enforcement"] == now["enforcement"] and text == body, place, "changes more than keys")

    def valid_state(self, before, after, law, proposal, applies):
        """Section 17.4 to 17.6."""
        folded = {}
        for path in after:
            need(fold(path) not in folded, path, "two paths that fold alike")
            folded[fold(path)] = path
        for path in folded:
            parts = path.split("/")
            need(not any("/".join(parts[:at]) in folded for at in range(1, len(parts))), path, "a file where a folder must be")
        if applies:
            for change in proposal["changes"]:
                if not change["path"].startswith("canon/"):
                    need(governed(law.who, change["path"]) != ("released" in change), change["path"], "not governed, or released and governed")
        for path, (mode, content) in after.items():
            need(path.startswith("canon/") or governed(law.who, path), path, "no longer governed, and not released")
            if mode == "link" and content in self.stored:
                target = resolve(path, os.fsdecode(self.stored[content]))
                need(target in after and after[target][0] != "link", path, "a link that leads elsewhere")

    def end(self, now):
        """Section 19; gives the paths that are drafts."""
        named, drafts, opened = {}, set(), []
        for ident, files in self.folders.items():
            folder = f"canon/resolutions/{ident}/"
            need("proposal.md" in files, folder + "proposal.md", "missing")
            proposal, _ = read(files["proposal.md"], folder + "proposal.md")
            for change in proposal["changes"]:
                if "after" in change:
                    named[change["after"]] = folder
            if ident in self.closed:
                listed = self.rulings[self.closed[ident]][0]["records"]
                for name in files:
                    need(folder + name in listed, folder + name, "late")
                continue
            base = self.sequence_of(proposal.get("base"))
            need(base is not None, folder + "proposal.md", "a base that is no ruling")
            need("transcript.md" not in files and "docket.md" not in files, folder + "docket.md", "not there to be yet")
            proposal, _, seen = self.examine(ident, files, base)
            opened.append((ident, proposal, base, seen, files))
        superseded = {(p.get("supersedes"), p["by"]) for _, p, _, _, _ in opened}
        wanted = {}
        for ident, proposal, base, seen, files in opened:
            key = signer(files["proposal.md.sig"], ident)
            if "withdrawal.md" in seen or (ident, proposal["by"]) in superseded or self.laws[-1].keys.get(key) != proposal["by"]:
                continue
            where = f"canon/resolutions/{ident}/proposal.md"
            added = {hashlib.sha256(base64.b64decode(line.split(" ")[1])).hexdigest() for line in self.added(proposal, base)}
            need({name[5:-4] for name in files if name.startswith("keys/")} <= added, where, "enrols a key that it does not add")
            need(proposal.get("recovery") or not any(name.startswith("recover/") for name in files), where, "no recovery")
            stale = self.laws[base].fixed(self.states[base]) != self.laws[-1].fixed(self.states[-1]) or any(
                self.states[base].get(c["path"]) != self.states[-1].get(c["path"]) for c in proposal["changes"])
            if not stale:
                self.check(proposal, where, base)
            for change in proposal["changes"]:
                if "released" not in change:
                    wanted.setdefault(change["path"], []).append((change["mode"], change["after"]) if "after" in change else None)
        for content, folder in named.items():
            need((content in self.stored) != (content in self.purged), f"canon/bytes/{content[7:]}", "missing, or purged and there")
        for content in self.stored:
            need(content in named, f"canon/bytes/{content[7:]}", "named by nothing")
        for path in self.tree.files:
            match = re.fullmatch(r"canon/ledger/(\d{6})\.(?:md|md\.sig|signers)", path)
            need(not match or int(match.group(1)) < len(self.rulings), path, "beyond the last ruling")
        need(self.tree.files.get("canon/allowed_signers") == self.git_signers(), "canon/allowed_signers", "not as it must be")
        state, law = self.states[-1], self.laws[-1]
        for path, (_, content) in state.items():
            if re.fullmatch(rf"canon/{DOC}\.md", path):
                has_type(read(self.stored[content], path)[0]["policy"], POLICIES.get(path[6:-3], lambda value: isinstance(value, dict)), path)
        for number in self.unsettled:
            ruling = self.rulings[number][0]
            need(instant(ruling["expires"]) > now, f"canon/ledger/{number:06}.md", "an emergency that ran out")
            need(instant(ruling["at"]) <= now + datetime.timedelta(seconds=300), f"canon/ledger/{number:06}.md", "dated ahead")
        links = Links(self.tree, law.who)
        for path, mode in self.tree.modes.items():
            if is_canon(path):
                continue
            seen, matches = links.looks.at(path), governed(law.who, path)
            need(matches or not (odd(path) and links.looks.ends(seen)), path, "on some systems this is a governed path")
            if mode == "link" and (matches or links.looks.goes_on(seen)):
                links.judge(path, matches)
            need(mode != "other" or not (matches or links.looks.by_name(seen)), path, "neither a file nor a link")
        live = {path: (self.tree.modes[path], digest(data)) for path, data in self.tree.files.items()
                if STATE.fullmatch(path) or (not is_canon(path) and governed(law.who, path) and self.tree.modes[path] != "submodule")}
        above = {other[:at] for other in map(fold, state) for at, c in enumerate(other) if c == "/"}
        for glob in map(fold, law.who):
            prefix = re.match(r"(?:[^*?/]+(?:/|$))*", glob).group(0)
            above |= {prefix[:at] for at, c in enumerate(prefix) if c == "/"}
        for path, mode in self.tree.modes.items():
            need(mode not in ("link", "submodule") or "/".join(bare_segments(path)) not in above, path, "a link or submodule above governed files")
        for path in set(state) | set(live):
            if live.get(path) == state.get(path):
                continue
            if live.get(path) in wanted.get(path, []) and (path not in live or live[path][1] not in self.purged):
                drafts.add(path)
                continue
            raise Violated(f"{path}: not what was ratified")
        self.state_signatures(state, live)
        return drafts

    def added(self, proposal, base):
        had = {raw_key(line) for line in list(self.laws[base].keys) + self.laws[base].recovery}
        lines = []
        for change in proposal["changes"]:
            data = self.stored.get(change.get("after"))
            if data is not None and change["path"].startswith("canon/council/"):
                lines += read(data, change["path"])[0]["keys"]
            if data is not None and change["path"] in ("canon/CONSENSUS_ENGINE.md", "canon/CONSTITUTION.md"):
                lines += read(data, change["path"])[0]["policy"].get("recovery", {}).get("keys", [])
        return [" ".join(line.split(" ")[:2]) for line in lines if raw_key(line) not in had]

    def state_signatures(self, state, live):
        for path in self.tree.files:
            if path.endswith(".sig") and STATE.fullmatch(path[:-4]):
                need(path[:-4] in state, path, "beside nothing that was ratified")
        for path, (_, content) in state.items():
            if not path.startswith("canon/"):
                continue
            armor = self.tree.files.get(path + ".sig")
            need(armor is not None or live.get(path) != state[path], path + ".sig", "missing")
            if armor is None:
                continue
            lines = [f"chief {line}\n" for number, law in enumerate(self.laws) for line, owner in law.keys.items() if owner == law.chief
                     and any(self.states[at].get(path) == state[path] for at in (number, min(number + 1, len(self.states) - 1)))]
            data = self.stored[content]
            need(self.signatures.valid("chief", "".join(sorted(set(lines))).encode(), "omega-state-v1", data, armor, path), path + ".sig", "not the Chief's")


def instant(text):
    need(re.fullmatch(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ", text), text, "no time")
    return datetime.datetime.strptime(text, "%Y-%m-%dT%H:%M:%SZ")


def resolve(path, target):
    parts = path.split("/")[:-1]
    if target.startswith("/"):
        return None
    for part in target.split("/"):
        if part == "":
            return None
        if part == "..":
            if not parts:
                return None
            parts.pop()
        elif part != ".":
            parts.append(part)
    return "/".join(parts)


def verify(options, signatures):
    tree = Tree(options.folder)
    if not options.root and not any(path.startswith(("canon/ledger/", "canon/resolutions/")) for path in tree.files):
        raise Senseless("there is no canon here")
    need(any(path.startswith("canon/") for path in tree.files), "canon", "no canon")
    kinds(tree)
    canon = Canon(tree, signatures)
    count = sum(1 for path in tree.files if re.fullmatch(r"canon/ledger/\d{6}\.md", path))
    need(count, "canon/ledger/000000.md", "missing")
    for number in range(count):
        canon.rule(number)
    drafts = canon.end(instant(options.now) if options.now else datetime.datetime.utcnow())
    if not options.root:
        raise Unknown(f"no pin; the root is {canon.root()}")
    need(canon.root() == options.root, "canon/ledger/000000.md", "another canon than the pinned one")
    if options.head:
        place = f"canon/ledger/{options.sequence:06}.md"
        need(options.sequence < count and canon.rulings[options.sequence][1] == options.head, place, "rolled back or forked")
    if drafts:
        return 12, f"pending: {len(drafts)} drafts upon ruling {count - 1}: {', '.join(sorted(drafts))}"
    return 0, f"holds: ruling {count - 1}"


def answer(options, signatures):
    if (options.sequence is None) != (options.head is None):
        return 2, "usage: a checkpoint is a --sequence and a --head"
    try:
        return verify(options, signatures)
    except Violated as why:
        return 11, f"violated: {why}"
    except Senseless as why:
        return 2, f"usage: {why}"
    except Unknown as why:
        return 13, f"unknown: {why}"
    except (KeyError, TypeError, ValueError, IndexError, AttributeError, RecursionError, ZeroDivisionError) as why:
        # A field that is missing or of another type: whatever it is, it is not the format.
        return 11, f"violated: a file is not of its form: {type(why).__name__} {why}"


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("folder")
    parser.add_argument("--root")
    parser.add_argument("--sequence", type=int)
    parser.add_argument("--head")
    parser.add_argument("--now")
    signatures = Signatures()
    if sys.argv[1:2] == ["--batch"]:
        # Many folders in one run: each line of a file holds the arguments for one, and gets one line of answer.
        with open(sys.argv[2]) as file:
            for line in file:
                code, words = answer(parser.parse_args(line.split()), signatures)
                print(code, words.encode("unicode_escape", "replace").decode(), flush=True)
        return 0
    code, words = answer(parser.parse_args(), signatures)
    print(words.encode("unicode_escape", "replace").decode())
    return code


if __name__ == "__main__":
    sys.exit(main())
