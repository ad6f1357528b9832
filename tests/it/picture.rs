//! The picture in the README is what `omega demo` prints, played in the pace in which one reads it.

use std::fmt::Write as _;

use regex::Regex;

use crate::documents::fresh;
use crate::world::World;

/// Rows that the picture shows at once, and the height of one in pixels.
const ROWS: usize = 24;
const ROW: usize = 18;
/// Its width in pixels: 100 columns of a font of 14 pixels, and a margin.
const WIDTH: usize = 880;

/// Seconds before a line appears: time to read what came before a new step, to see a command, and to see an answer scroll.
fn pause(line: &str) -> f64 {
    match line.as_bytes() {
        [b'#', ..] => 3.0,
        [b'$', ..] => 1.2,
        _ => 0.06,
    }
}

/// The output without its keys and digests, which each run has of its own.
fn of_any_run(output: &str) -> String {
    let digests = Regex::new("(sha256:|head |SHA256:)[0-9A-Za-z+/]{43,64}").unwrap();
    let short = Regex::new(r"\([0-9a-f]{8}\)").unwrap();
    let text = digests.replace_all(output, "${1}…");
    short.replace_all(&text, "(…)").into_owned()
}

/// The lines as SVG, each with what it says without its colours.
fn drawn(output: &str) -> Vec<(String, String)> {
    let svg = anstyle_svg::Term::new().render_svg(output);
    let document = roxmltree::Document::parse(&svg).unwrap();
    let text = document.descendants().find(|node| node.has_tag_name("text")).unwrap();
    text.children()
        .filter(roxmltree::Node::is_element)
        .map(|line| {
            let plain = line.descendants().filter(roxmltree::Node::is_text).filter_map(|node| node.text()).collect::<String>();
            let spans = line.children().filter(roxmltree::Node::is_element).map(|span| &svg[span.range()]).collect();
            (spans, plain.trim_end().to_owned())
        })
        .collect()
}

fn picture(output: &str) -> String {
    let lines = drawn(output.trim_end());
    // The first line is there at once.
    let mut at = -pause("#");
    let times: Vec<f64> = lines
        .iter()
        .map(|(_, plain)| {
            at += pause(plain);
            at
        })
        .collect();
    let end = at + 1.0;
    let hidden = |shown: usize| shown.saturating_sub(ROWS) * ROW;

    let mut roll = String::new();
    for (row, time) in times.iter().enumerate().filter(|(row, _)| *row >= ROWS) {
        let _ = write!(roll, " {:.2}% {{ transform: translateY(-{}px) }}", time / end * 100.0, hidden(row + 1));
    }
    let mut text = String::new();
    for (row, ((spans, _), time)) in lines.iter().zip(&times).enumerate() {
        let y = (row + 1) * ROW - 4;
        let _ = writeln!(text, "<text y=\"{y}\" style=\"animation-delay: {time:.2}s\" xml:space=\"preserve\">{spans}</text>");
    }
    let (height, last) = (ROWS * ROW, hidden(lines.len()));
    format!(
        r##"<svg xmlns="http://www.w3.org/2000/svg" width="{WIDTH}" height="{outer}" viewBox="0 0 {WIDTH} {outer}" role="img">
<title>omega demo: an edit of AGENTS.md is found, proposed, voted on and rejected</title>
<style>
text {{ fill: #d0d7de; font: 14px ui-monospace, SFMono-Regular, Menlo, Consolas, "Liberation Mono", monospace; white-space: pre; animation: show 0.01s backwards }}
.bold {{ font-weight: bold }} .dimmed {{ opacity: 0.65 }} .underline {{ text-decoration: underline }}
.fg-red {{ fill: #ff7b72 }} .fg-green {{ fill: #7ee787 }} .fg-cyan {{ fill: #76e3ea }} .fg-yellow {{ fill: #e3b341 }}
#roll {{ transform: translateY(-{last}px); animation: roll {end:.2}s step-end }}
@keyframes show {{ from {{ opacity: 0 }} }}
@keyframes roll {{ 0% {{ transform: none }}{roll} }}
@media (prefers-reduced-motion: reduce) {{ text, #roll {{ animation: none }} }}
</style>
<rect width="100%" height="100%" rx="8" fill="#0d1117"/>
<svg x="14" y="14" width="{inner}" height="{clip}">
<g id="roll">
{text}</g>
</svg>
</svg>
"##,
        outer = height + 28,
        inner = WIDTH - 28,
        clip = height,
    )
}

#[test]
fn the_picture_of_the_demo_is_fresh() {
    let world = World::empty();
    let mut command = world.command(env!("CARGO_BIN_EXE_omega"), &["demo", "--color", "always"], &world.path("."));
    let output = command.output().unwrap();
    assert!(output.status.success(), "{output:?}");
    let picture = picture(&of_any_run(&String::from_utf8(output.stdout).unwrap()));
    roxmltree::Document::parse(&picture).expect("the picture is XML");
    fresh("docs/demo.svg", &picture);
}
