//! Values of the domain that are chosen on the command line by their words.

use std::str::FromStr;

use clap::builder::{PossibleValue, PossibleValuesParser, TypedValueParser};

/// Takes the word of one of these values, each of which comes with its help.
pub fn one_of<T>(choices: &'static [(T, &'static str)]) -> impl TypedValueParser<Value = T>
where
    T: Copy + Into<&'static str> + FromStr<Err = String> + Send + Sync + 'static,
{
    let values = choices.iter().map(|(value, help)| PossibleValue::new((*value).into()).help(*help));
    PossibleValuesParser::new(values).try_map(|word| word.parse())
}
