//! A request for each endpoint: its path about the things of the world, its body made from the description's schema.

use serde_json::{Value, json};

use super::world::{Caller, World};

/// An endpoint of the description.
pub struct Operation {
    pub method: String,
    pub path: String,
    /// Media type and, for JSON, an example.
    body: Option<(String, Value)>,
}

/// What is sent.
pub struct Sent {
    pub path: String,
    pub media_type: Option<String>,
    pub body: Vec<u8>,
}

/// Every endpoint.
pub fn operations(document: &Value) -> Vec<Operation> {
    let mut all = Vec::new();
    for (path, item) in document["paths"].as_object().unwrap() {
        for method in ["get", "put", "post", "patch", "delete"] {
            let Some(operation) = item.get(method) else { continue };
            let content = operation["requestBody"]["content"].as_object();
            let body = content
                .and_then(|content| content.iter().next())
                .map(|(media_type, content)| (media_type.clone(), example(document, &content["schema"], 0)));
            all.push(Operation { method: method.to_uppercase(), path: path.clone(), body });
        }
    }
    all
}

impl Operation {
    pub fn name(&self) -> String {
        format!("{} {}", self.method, self.path)
    }

    /// The request, about the things of `world`.
    pub fn request(&self, world: &World, caller: Caller) -> Sent {
        let mut path = String::new();
        for piece in self.path.split('/').skip(1) {
            path.push('/');
            if piece.starts_with('{') {
                path += &world.parameter(&self.path, piece.trim_matches(['{', '}']), caller);
            } else {
                path += piece;
            }
        }
        if let Some(query) = world.query(&self.name()) {
            path = format!("{path}?{query}");
        }
        let (media_type, body) = match &self.body {
            None => (None, Vec::new()),
            Some((media_type, example)) if media_type == "application/json" => {
                let body = world.body(&self.name(), caller).unwrap_or_else(|| example.clone());
                (Some(media_type.clone()), body.to_string().into_bytes())
            }
            Some((media_type, _)) => (Some(media_type.clone()), world.octets(media_type)),
        };
        Sent { path, media_type, body }
    }
}

/// Something of the schema's shape: every required member, the first of alternatives.
fn example(document: &Value, schema: &Value, depth: u32) -> Value {
    if depth > 12 {
        return Value::Null;
    }
    if let Some(name) = schema["$ref"].as_str() {
        let name = name.rsplit('/').next().unwrap_or_default();
        return example(document, &document["components"]["schemas"][name], depth + 1);
    }
    if let Some(first) =
        ["oneOf", "anyOf"].iter().find_map(|one| schema[*one].as_array()?.iter().find(|one| one["type"] != "null"))
    {
        return example(document, first, depth + 1);
    }
    if let Some(all) = schema["allOf"].as_array() {
        let mut whole = serde_json::Map::new();
        for part in all {
            if let Value::Object(part) = example(document, part, depth + 1) {
                whole.extend(part);
            }
        }
        return Value::Object(whole);
    }
    if let Some(first) = schema["enum"].as_array().and_then(|words| words.first()) {
        return first.clone();
    }
    let kind = match &schema["type"] {
        Value::Array(kinds) => {
            kinds.iter().find_map(|kind| kind.as_str().filter(|kind| *kind != "null")).unwrap_or("null")
        }
        kind => kind.as_str().unwrap_or("null"),
    };
    match kind {
        "object" => {
            let required = schema["required"].as_array().into_iter().flatten().filter_map(Value::as_str);
            let members =
                required.map(|name| (name.to_owned(), example(document, &schema["properties"][name], depth + 1)));
            Value::Object(members.collect())
        }
        "array" if schema["minItems"].as_u64().unwrap_or_default() > 0 => {
            json!([example(document, &schema["items"], depth + 1)])
        }
        "array" => json!([]),
        "integer" | "number" => schema.get("minimum").cloned().unwrap_or_else(|| json!(1)),
        "boolean" => json!(true),
        "string" => match schema["format"].as_str() {
            Some("uuid") => json!("018f0000-0000-7000-8000-000000000000"),
            Some("date-time") => json!("2026-03-02T08:00:00Z"),
            _ => json!("1234"),
        },
        _ => Value::Null,
    }
}
