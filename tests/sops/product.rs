//! What a call leaves, on standard output or in a file, in a form that two runs share: tokens, times and wrapped keys are
//! new in every run.

use serde_json::{Map, Value as Json, json};

use crate::harness::World;
use crate::program::Sops;
use crate::values;

/// The form of these bytes. An encrypted text is opened by the program under test.
pub(crate) fn product(world: &World, bytes: &[u8]) -> Json {
    let Ok(text) = std::str::from_utf8(bytes) else {
        return json!({ "bytes": bytes });
    };
    if !text.contains("ENC[AES256_GCM,") {
        return json!({ "text": text });
    }
    let format = format(text);
    let run = world.sops(&["decrypt", "--input-type", format, "--output-type", "json"]);
    let opened = run.stdin(bytes).output();
    assert!(opened.status.success(), "{}\n{text}", String::from_utf8_lossy(&opened.stderr));
    let plaintext = String::from_utf8(opened.stdout).expect("JSON");
    json!({ "format": format, "shape": shapes(text), "values": values::json(&plaintext) })
}

/// The documents of an encrypted text, with what is new in every run masked.
pub(crate) fn shapes(text: &str) -> Vec<Json> {
    let documents = match format(text) {
        "json" => vec![values::json(text)],
        "dotenv" => vec![values::dotenv(text)],
        "ini" => vec![values::ini(text)],
        _ => values::yaml(text),
    };
    let mut shapes: Vec<_> = documents.into_iter().map(shaped).collect();
    // Comments have no place among the values.
    shapes.push(json!({ "comments": text.matches(",type:comment]").count() }));
    shapes
}

/// The format of an encrypted text.
fn format(text: &str) -> &'static str {
    let has = |start: &str| text.lines().any(|line| line.starts_with(start));
    match () {
        () if text.starts_with('{') => "json",
        () if has("sops_version=") => "dotenv",
        () if has("[sops]") => "ini",
        () => "yaml",
    }
}

/// The values without what is new in every run; metadata are sorted, since their order says nothing.
fn shaped(value: Json) -> Json {
    let Json::Object(map) = value else { return masked("", value) };
    let (mut values, mut metadata) = (Map::new(), Vec::new());
    for (key, value) in map {
        if key == "sops" || key.starts_with("sops_") {
            metadata.push((key, value));
        } else {
            let value = masked("", value);
            values.insert(key, value);
        }
    }
    metadata.sort_by(|(left, _), (right, _)| left.cmp(right));
    values.extend(metadata.into_iter().map(|(key, value)| {
        let value = sorted(masked(&key, value));
        (key, value)
    }));
    Json::from(values)
}

fn masked(key: &str, value: Json) -> Json {
    match value {
        Json::Object(map) => map
            .into_iter()
            .map(|(key, value)| {
                let value = masked(&key, value);
                (key, value)
            })
            .collect(),
        Json::Array(items) => items.into_iter().map(|item| masked(key, item)).collect(),
        Json::String(text) => match text.split_once("ENC[AES256_GCM,") {
            Some((before, token)) => {
                Json::from(format!("{before}ENC[{}", token.rsplit(',').next().unwrap_or_default()))
            }
            None if is_new(key) => Json::from("<new>"),
            None => Json::from(text),
        },
        other if is_new(key) => Json::from(format!("<{other}>")),
        other => other,
    }
}

/// Whether this field of the metadata is another one in every run, or in every version.
fn is_new(key: &str) -> bool {
    let name = key.rsplit("map_").next().unwrap_or_default();
    let name = name.strip_prefix("sops_").unwrap_or(name);
    ["enc", "lastmodified", "created_at", "version"].contains(&name)
}

fn sorted(value: Json) -> Json {
    match value {
        Json::Object(map) => {
            let mut fields: Vec<_> = map.into_iter().map(|(key, value)| (key, sorted(value))).collect();
            fields.sort_by(|(left, _), (right, _)| left.cmp(right));
            fields.into_iter().collect()
        }
        Json::Array(items) => items.into_iter().map(sorted).collect(),
        other => other,
    }
}
