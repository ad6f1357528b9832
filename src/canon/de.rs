//! The one strict reader of typed values: from YAML nodes, where an error keeps the line and column of the node it is about,
//! and from values that were read before.
//!
//! serde's own readers take a list for a struct, field by field. Here only a map is a map, at every depth. Types that are read
//! must not be `untagged`, internally tagged or flattened: for those serde keeps a copy that it reads by its own laxer rules.

use std::borrow::Cow;
use std::fmt;

use serde::de::{self, DeserializeSeed, EnumAccess, IntoDeserializer, MapAccess, SeqAccess, VariantAccess, Visitor};

use super::node::{Node, Value};
use super::yaml::YamlError;

/// Builds a `T` from a node.
pub fn from_node<T: de::DeserializeOwned>(node: &Node<'_>) -> Result<T, YamlError> {
    T::deserialize(De(node)).map_err(|error| {
        let (line, column) = error.place.unwrap_or((node.line, node.column));
        YamlError { line, column, what: error.what }
    })
}

/// Builds a `T` from a value that was read before. Only what can stand in front matter is taken.
///
/// # Errors
/// What is wrong.
pub fn from_value<T: de::DeserializeOwned>(value: &serde_json::Value) -> Result<T, String> {
    T::deserialize(De(&node(value)?)).map_err(|error| error.what)
}

/// Builds a choice from a map in which the field `tag` says which one it is, and the other fields say the rest.
///
/// # Errors
/// What is wrong.
pub fn from_tagged<T: de::DeserializeOwned>(tag: &str, value: &serde_json::Value) -> Result<T, String> {
    let node = node(value)?;
    let Value::Map(mut pairs) = node.value else { return Err("a map is expected".to_owned()) };
    let place = pairs.iter().position(|(key, _)| matches!(&key.value, Value::String(name) if name == tag));
    let (_, choice) = pairs.remove(place.ok_or_else(|| format!("the field `{tag}` is missing"))?);
    if !matches!(choice.value, Value::String(_)) {
        return Err(format!("the field `{tag}` is not a text"));
    }
    let rest = Node { value: Value::Map(pairs), line: node.line, column: node.column };
    let whole = Node { value: Value::Map(vec![(choice, rest)]), line: node.line, column: node.column };
    T::deserialize(De(&whole)).map_err(|error| error.what)
}

/// A value as a node without a place.
fn node<'v>(value: &'v serde_json::Value) -> Result<Node<'v>, String> {
    use serde_json::Value as Json;
    let value = match value {
        Json::Null => return Err("a value is missing".to_owned()),
        Json::Bool(truth) => Value::Bool(*truth),
        Json::Number(number) => Value::Integer(number.as_i64().ok_or_else(|| format!("`{number}` is not an integer of 64 bits"))?),
        Json::String(string) => Value::String(Cow::Borrowed(string)),
        Json::Array(items) => Value::List(items.iter().map(node).collect::<Result<_, _>>()?),
        Json::Object(pairs) => {
            let pair = |(name, value): (&'v String, &'v Json)| {
                Ok((Node { value: Value::String(Cow::Borrowed(name)), line: 1, column: 1 }, node(value)?))
            };
            Value::Map(pairs.iter().map(pair).collect::<Result<_, String>>()?)
        }
    };
    Ok(Node { value, line: 1, column: 1 })
}

#[derive(Debug)]
struct DeError {
    what: String,
    place: Option<(usize, usize)>,
}

impl fmt::Display for DeError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.what)
    }
}

impl std::error::Error for DeError {}

impl de::Error for DeError {
    fn custom<T: fmt::Display>(what: T) -> Self {
        Self { what: what.to_string(), place: None }
    }

    fn unknown_field(field: &str, expected: &'static [&'static str]) -> Self {
        let mut what = format!("unknown field `{field}`");
        if !expected.is_empty() {
            what.push_str(&format!(" (known here: {})", expected.join(", ")));
        }
        Self { what, place: None }
    }

    fn unknown_variant(variant: &str, expected: &'static [&'static str]) -> Self {
        Self { what: format!("`{variant}` is none of: {}", expected.join(", ")), place: None }
    }

    fn missing_field(field: &'static str) -> Self {
        Self { what: format!("the field `{field}` is missing"), place: None }
    }

    fn invalid_type(found: de::Unexpected<'_>, expected: &dyn de::Expected) -> Self {
        Self { what: format!("{found} where {expected} is expected"), place: None }
    }
}

fn at<T>(node: &Node<'_>, result: Result<T, DeError>) -> Result<T, DeError> {
    result.map_err(|mut error| {
        error.place.get_or_insert((node.line, node.column));
        error
    })
}

#[derive(Clone, Copy)]
struct De<'n, 'a>(&'n Node<'a>);

impl<'de> de::Deserializer<'de> for De<'_, '_> {
    type Error = DeError;

    fn deserialize_any<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, DeError> {
        at(
            self.0,
            match &self.0.value {
                Value::String(text) => visitor.visit_str(text),
                Value::Integer(number) => visitor.visit_i64(*number),
                Value::Bool(truth) => visitor.visit_bool(*truth),
                Value::List(items) => {
                    let mut items = Items(items.iter());
                    visitor.visit_seq(&mut items).and_then(|value| match items.0.next() {
                        None => Ok(value),
                        Some(extra) => at(extra, Err(de::Error::custom("more items than are expected here"))),
                    })
                }
                Value::Map(pairs) => visitor.visit_map(Pairs(pairs.iter(), None)),
            },
        )
    }

    fn deserialize_option<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, DeError> {
        visitor.visit_some(self)
    }

    fn deserialize_newtype_struct<V: Visitor<'de>>(self, _: &'static str, visitor: V) -> Result<V::Value, DeError> {
        visitor.visit_newtype_struct(self)
    }

    /// Only a list is a list.
    fn deserialize_seq<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, DeError> {
        match &self.0.value {
            Value::List(_) => self.deserialize_any(visitor),
            _ => at(self.0, Err(de::Error::custom("a list is expected"))),
        }
    }

    fn deserialize_struct<V: Visitor<'de>>(self, _: &'static str, _: &'static [&'static str], visitor: V) -> Result<V::Value, DeError> {
        self.deserialize_map(visitor)
    }

    /// Only a map is a map: serde would also take the items of a list, in order, for the fields.
    fn deserialize_map<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, DeError> {
        match &self.0.value {
            Value::Map(_) => self.deserialize_any(visitor),
            _ => at(self.0, Err(de::Error::custom("a map is expected"))),
        }
    }

    fn deserialize_enum<V: Visitor<'de>>(self, _: &'static str, _: &'static [&'static str], visitor: V) -> Result<V::Value, DeError> {
        at(
            self.0,
            match &self.0.value {
                Value::String(_) => visitor.visit_enum(Variant(self.0, None)),
                Value::Map(pairs) if pairs.len() == 1 => visitor.visit_enum(Variant(&pairs[0].0, Some(&pairs[0].1))),
                _ => Err(de::Error::custom("a name, or a map with one name, is expected")),
            },
        )
    }

    serde::forward_to_deserialize_any! {
        bool i8 i16 i32 i64 i128 u8 u16 u32 u64 u128 f32 f64 char str string bytes byte_buf
        unit unit_struct tuple tuple_struct identifier ignored_any
    }
}

struct Items<'n, 'a>(std::slice::Iter<'n, Node<'a>>);

impl<'de> SeqAccess<'de> for &mut Items<'_, '_> {
    type Error = DeError;

    fn next_element_seed<T: DeserializeSeed<'de>>(&mut self, seed: T) -> Result<Option<T::Value>, DeError> {
        self.0.next().map(|node| at(node, seed.deserialize(De(node)))).transpose()
    }
}

struct Pairs<'n, 'a>(std::slice::Iter<'n, (Node<'a>, Node<'a>)>, Option<&'n Node<'a>>);

impl<'de> MapAccess<'de> for Pairs<'_, '_> {
    type Error = DeError;

    fn next_key_seed<K: DeserializeSeed<'de>>(&mut self, seed: K) -> Result<Option<K::Value>, DeError> {
        let Some((key, value)) = self.0.next() else { return Ok(None) };
        self.1 = Some(value);
        at(key, seed.deserialize(De(key))).map(Some)
    }

    fn next_value_seed<V: DeserializeSeed<'de>>(&mut self, seed: V) -> Result<V::Value, DeError> {
        let node = self.1.take().ok_or_else(|| <DeError as de::Error>::custom("a value without a key"))?;
        at(node, seed.deserialize(De(node)))
    }
}

struct Variant<'n, 'a>(&'n Node<'a>, Option<&'n Node<'a>>);

impl<'n, 'a, 'de> EnumAccess<'de> for Variant<'n, 'a> {
    type Error = DeError;
    type Variant = Payload<'n, 'a>;

    fn variant_seed<V: DeserializeSeed<'de>>(self, seed: V) -> Result<(V::Value, Self::Variant), DeError> {
        let Value::String(name) = &self.0.value else {
            return at(self.0, Err(de::Error::custom("a name is expected")));
        };
        let name: de::value::StrDeserializer<'_, DeError> = name.as_ref().into_deserializer();
        Ok((at(self.0, seed.deserialize(name))?, Payload(self.1)))
    }
}

struct Payload<'n, 'a>(Option<&'n Node<'a>>);

impl<'n, 'a> Payload<'n, 'a> {
    fn node(&self) -> Result<&'n Node<'a>, DeError> {
        self.0.ok_or_else(|| de::Error::custom("a value is expected after this name"))
    }
}

impl<'de> VariantAccess<'de> for Payload<'_, '_> {
    type Error = DeError;

    fn unit_variant(self) -> Result<(), DeError> {
        match self.0 {
            None => Ok(()),
            Some(node) => at(node, Err(de::Error::custom("no value is expected here"))),
        }
    }

    fn newtype_variant_seed<T: DeserializeSeed<'de>>(self, seed: T) -> Result<T::Value, DeError> {
        let node = self.node()?;
        at(node, seed.deserialize(De(node)))
    }

    fn tuple_variant<V: Visitor<'de>>(self, _: usize, visitor: V) -> Result<V::Value, DeError> {
        let node = self.node()?;
        match &node.value {
            Value::List(_) => de::Deserializer::deserialize_any(De(node), visitor),
            _ => at(node, Err(de::Error::custom("a list is expected"))),
        }
    }

    fn struct_variant<V: Visitor<'de>>(self, _: &'static [&'static str], visitor: V) -> Result<V::Value, DeError> {
        de::Deserializer::deserialize_map(De(self.node()?), visitor)
    }
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeMap;

    use serde::Deserialize;
    use serde_json::{Value as Json, json};

    use super::{from_node, from_tagged, from_value};
    use crate::canon::yaml;

    #[derive(Debug, PartialEq, Deserialize)]
    #[serde(deny_unknown_fields)]
    struct Inner {
        name: String,
        count: u32,
    }

    #[derive(Debug, PartialEq, Deserialize)]
    #[serde(rename_all = "snake_case", deny_unknown_fields)]
    enum Choice {
        Bare,
        Inner(Inner),
        Fields { list: Vec<Inner> },
        Pair(u32, u32),
    }

    /// What both ways of reading make of one value.
    fn both<T: serde::de::DeserializeOwned + PartialEq + std::fmt::Debug>(value: &Json) -> Option<T> {
        let text = format!("x: {value}\n");
        let node = yaml::read(&text).expect("YAML");
        let (one, two) = (from_node(node.get("x").expect("x")).ok(), from_value(value).ok());
        assert_eq!(one, two, "{value}");
        one
    }

    #[test]
    fn only_a_map_is_a_map_at_every_depth() {
        let (inner, list) = (json!({"name": "a", "count": 1}), json!(["a", 1]));
        assert!(both::<Inner>(&inner).is_some());
        assert!(both::<Inner>(&list).is_none());
        assert!(both::<Vec<Inner>>(&json!([inner, list])).is_none());
        assert!(both::<Vec<Inner>>(&inner).is_none());
        assert!(both::<BTreeMap<String, u32>>(&json!([["a", 1]])).is_none());
        assert!(both::<BTreeMap<String, Inner>>(&json!({"a": list})).is_none());
        assert!(both::<Option<Inner>>(&list).is_none());
        assert!(both::<Choice>(&json!({"inner": inner})).is_some());
        assert!(both::<Choice>(&json!({"inner": list})).is_none());
        assert!(both::<Choice>(&json!({"fields": {"list": [inner]}})).is_some());
        assert!(both::<Choice>(&json!({"fields": [[inner]]})).is_none());
        assert!(both::<Choice>(&json!({"pair": {"a": 1, "b": 2}})).is_none());
        assert!(both::<Choice>(&json!({"bare": {}})).is_none());
        assert!(both::<Choice>(&json!("inner")).is_none());
        assert_eq!(both::<Choice>(&json!("bare")), Some(Choice::Bare));
        assert!(both::<u32>(&json!("1")).is_none());
        assert!(both::<String>(&json!(1)).is_none());
        assert!(both::<Inner>(&json!({"name": "a"})).is_none());
    }

    #[test]
    fn a_tagged_choice_is_read_as_strictly() {
        let read = |value: Json| from_tagged::<Choice>("ask", &value);
        let inner = json!({"name": "a", "count": 1});
        assert!(read(json!({"ask": "fields", "list": [inner]})).is_ok());
        assert!(read(json!({"ask": "inner", "name": "a", "count": 1})).is_ok());
        assert!(read(json!({"ask": "fields", "list": [["a", 1]]})).is_err());
        assert!(read(json!({"ask": "inner", "name": "a", "count": 1, "more": 1})).is_err());
        assert!(read(json!(["inner", "a", 1])).is_err());
        assert_eq!(read(json!({"name": "a"})).expect_err("no tag"), "the field `ask` is missing");
        assert!(read(json!({"ask": 1})).is_err());
        assert!(from_value::<u32>(&json!(1.0)).is_err() && from_value::<u64>(&json!(u64::MAX)).is_err());
        assert!(from_value::<Option<u32>>(&Json::Null).is_err());
    }
}
