//! Fields of files and words with a meaning, as the schemas made from their types describe them.

use crate::derived::schema;
use schemars::JsonSchema;
use serde_json::{Map, Value};

/// A field of a file.
pub(super) struct FileField {
    /// The type that has it.
    pub(super) of: String,
    pub(super) name: String,
    /// Type in short; empty for a text.
    pub(super) is: String,
    pub(super) says: String,
    /// The words that it may be, and what each means.
    pub(super) words: Vec<(String, String)>,
    pub(super) is_required: bool,
}

/// Words of an enumeration, and what each means.
pub(super) fn words<T: JsonSchema>() -> Vec<(String, String)> {
    words_of(&schema::<T>())
}

fn words_of(schema: &Value) -> Vec<(String, String)> {
    let text = |way: &Value, key: &str| Some(way.get(key)?.as_str()?.to_owned());
    let word = |way| Some((text(way, "const").or_else(|| text(way, "title"))?, text(way, "description")?));
    schema.get("oneOf").and_then(Value::as_array).into_iter().flatten().filter_map(word).collect()
}

/// Fields of a type and of those that it is made of, but for nodes, whose words are items.
pub(super) fn fields<T: JsonSchema>() -> Vec<FileField> {
    let root = schema::<T>();
    let none = Map::new();
    let definitions = root.get("definitions").and_then(Value::as_object).unwrap_or(&none);
    let own = root.get("title").and_then(Value::as_str).unwrap_or_default();
    let types = std::iter::once((own, &root)).chain(definitions.iter().map(|(name, of)| (name.as_str(), of)));
    let is_node = |name: &str| ["Step", "Source", "Check"].contains(&name);
    let mut fields = Vec::new();
    for (of, definition) in types.filter(|(name, _)| !is_node(name)) {
        let ways = ["anyOf", "oneOf"].into_iter().filter_map(|key| definition.get(key)?.as_array()).flatten();
        for way in std::iter::once(definition).chain(ways) {
            let required = way.get("required").and_then(Value::as_array);
            for (name, field) in way.get("properties").and_then(Value::as_object).into_iter().flatten() {
                let Some(says) = field.get("description").and_then(Value::as_str) else { continue };
                let definition = definition_of(field, definitions);
                let (name_of, words) = definition.map_or((None, Vec::new()), |(name, words)| (Some(name), words));
                fields.push(FileField {
                    of: of.to_owned(),
                    name: name.clone(),
                    is: written(field, name_of, !words.is_empty()),
                    // A description keeps the lines of its comment.
                    says: says.replace('\n', " "),
                    words,
                    is_required: required.is_some_and(|names| names.iter().any(|required| required == name)),
                });
            }
        }
    }
    fields
}

/// The definition that a schema refers to: its name, and the words that it consists of.
fn definition_of<'d>(schema: &'d Value, definitions: &Map<String, Value>) -> Option<(&'d str, Vec<(String, String)>)> {
    let within =
        ["/$ref", "/allOf/0/$ref", "/items/$ref", "/additionalProperties/$ref", "/additionalProperties/anyOf/0/$ref"];
    let name = within.iter().find_map(|at| schema.pointer(at)?.as_str()?.strip_prefix("#/definitions/"))?;
    Some((name, definitions.get(name).map_or_else(Vec::new, words_of)))
}

/// Writes the type of a field: another type, words, a list or a map of these; empty for a text and for one word.
fn written(schema: &Value, definition: Option<&str>, is_word: bool) -> String {
    let own = if is_word { "WORD" } else { definition.unwrap_or("TEXT") };
    match schema.get("type").and_then(Value::as_str) {
        Some("boolean") => "true|false".to_owned(),
        Some("array") => format!("[{own}…]"),
        Some("object") if schema.get("additionalProperties").is_some() => format!("{{NAME: {own}…}}"),
        _ if is_word || definition.is_none() => String::new(),
        _ => own.to_owned(),
    }
}
