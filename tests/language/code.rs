//! Code that is shown for a step or a stage gives what the step or the stage gives: Python and Node.js evaluate it.

use crate::setting::{entries, lacks};
use countersign::bytes::Bytes;
use countersign::case::{Case, Reply, SignTask, Task};
use countersign::scheme::{
    Account, Check, Does, Family, Implementation, Language, Operation, Parameters, Pipeline, Scheme, Source,
};
use countersign::trial::Reference;
use indexmap::IndexMap;
use serde_json::{Value, json};
use std::collections::{BTreeMap, BTreeSet};
use std::io::Write;
use std::process::{Command, Stdio};
use std::sync::Arc;

/// Reads lines `{"code", "names": {name: value}}`, in which a value is digits of bytes, a list of such, or a list of pairs
/// of such; writes of each the digits of what its last line gives, or why it gives nothing.
const PYTHON: &str = r#"
import ast, base64, hashlib, hmac, json, re, sys, urllib.parse
def value(it):
    if isinstance(it, str): return bytes.fromhex(it)
    return [tuple(map(value, one)) if isinstance(one, list) else value(one) for one in it]
for line in sys.stdin:
    task = json.loads(line)
    names = {name: value(it) for name, it in task["names"].items()}
    names |= dict(base64=base64, hashlib=hashlib, hmac=hmac, re=re, urllib=urllib)
    try:
        *before, last = ast.parse(task["code"]).body
        exec(compile(ast.Module(before, []), "code", "exec"), names)
        gives = eval(compile(ast.Expression(last.value), "code", "eval"), names)
        if isinstance(gives, bool): gives = str(gives).lower()
        print((gives.encode() if isinstance(gives, str) else gives).hex())
    except Exception as why:
        print(f"{why!r}")
"#;

/// The same of JavaScript.
const JAVASCRIPT: &str = r#"
const crypto = require("node:crypto");
const read = it => Array.isArray(it) ? it.map(read) : Buffer.from(it, "hex");
for (const line of require("node:fs").readFileSync(0, "utf8").split("\n").filter(Boolean)) {
  const { code, names } = JSON.parse(line);
  try {
    const run = new Function("crypto", ...Object.keys(names), "code", "let value; return eval(code)");
    const gives = run(crypto, ...Object.values(names).map(read), code);
    if (!Buffer.isBuffer(gives) && !["string", "boolean"].includes(typeof gives)) throw new Error(`no text: ${gives}`);
    console.log(Buffer.from(Buffer.isBuffer(gives) ? gives : String(gives)).toString("hex"));
  } catch (why) { console.log(String(why).replaceAll("\n", " ")); }
}
"#;

/// Something to evaluate, and what must come of it.
struct Due {
    what: String,
    code: [Vec<String>; 2],
    names: BTreeMap<String, Value>,
    gives: Vec<u8>,
    /// Tells whether JavaScript, which reads text where steps are of text, can give it.
    in_javascript: bool,
}

/// Evaluates all that is due; the number of values that were compared.
fn confirm(language: Language, due: &[Due]) -> usize {
    let (program, arguments) = match language {
        Language::Python => ("python3", ["-c", PYTHON]),
        Language::JavaScript => ("node", ["-e", JAVASCRIPT]),
    };
    let due: Vec<&Due> = due.iter().filter(|due| due.in_javascript || language == Language::Python).collect();
    let mut child = match Command::new(program).args(arguments).stdin(Stdio::piped()).stdout(Stdio::piped()).spawn() {
        Ok(child) => child,
        Err(e) if language == Language::JavaScript => {
            lacks("node", e, "code in JavaScript is not evaluated");
            return 0;
        }
        Err(e) => panic!("python3 cannot be run: {e}"),
    };
    let cased = |name: &str| match language {
        Language::Python => name.to_owned(),
        Language::JavaScript => camel(name),
    };
    let task = |due: &&Due| {
        let names: BTreeMap<String, &Value> = due.names.iter().map(|(name, value)| (cased(name), value)).collect();
        json!({ "code": due.code[language as usize].join("\n"), "names": names }).to_string() + "\n"
    };
    let tasks: String = due.iter().map(task).collect();
    let mut to = child.stdin.take().unwrap();
    let writing = std::thread::spawn(move || to.write_all(tasks.as_bytes()));
    let output = child.wait_with_output().unwrap();
    writing.join().unwrap().unwrap();
    let lines = String::from_utf8(output.stdout).unwrap();
    let wrong: Vec<String> = due
        .iter()
        .zip(lines.lines())
        .filter(|(due, line)| **line != hex(&due.gives))
        .map(|(due, line)| {
            let Due { what, code, names, gives, .. } = due;
            format!("{what}: {line} is not {}\n{}\n{names:?}", hex(gives), code[language as usize].join("\n"))
        })
        .collect();
    assert!(
        wrong.is_empty(),
        "{} of {}, {language:?}:\n{}",
        wrong.len(),
        due.len(),
        wrong[..wrong.len().min(8)].join("\n")
    );
    assert_eq!(lines.lines().count(), due.len(), "{language:?} gave up");
    due.len()
}

fn hex(bytes: &[u8]) -> String {
    bytes.iter().map(|byte| format!("{byte:02x}")).collect()
}

/// A name with underscores, without them.
fn camel(name: &str) -> String {
    let mut words = name.split('_').filter(|word| !word.is_empty());
    let first = words.next().unwrap_or_default().to_owned();
    words.fold(first, |all, word| all + &word[..1].to_ascii_uppercase() + &word[1..])
}

/// Lines of a pipeline in both languages, where both can write it whole.
fn whole(pipeline: &Pipeline) -> Option<[Vec<String>; 2]> {
    Some([pipeline.in_code(Language::Python)?, pipeline.in_code(Language::JavaScript)?])
}

/// Stages that a scheme derives of a case that signs.
fn stages(scheme: &Arc<Scheme>, case: &Case) -> Result<IndexMap<String, Bytes>, String> {
    match Reference::new([(case.scheme.as_str(), scheme)].into()).answer(case) {
        Reply::Signed(signed) => Ok(signed.stages),
        other => Err(format!("{other:?}")),
    }
}

/// Bytes that a pipeline gives of this body and these fields of a query.
fn given(pipeline: &Value, body: &[u8], query: &[[&str; 2]]) -> Result<Vec<u8>, String> {
    let operation = json!({ "direction": "request", "wire": { "query": "percent" }, "derive": { "result": pipeline } });
    let scheme = json!({ "title": "steps", "kind": "primitive", "operations": { "sign": operation } });
    let scheme: Scheme = serde_json::from_value(scheme).map_err(|e| format!("{pipeline}: {e}")).unwrap();
    let request = json!({ "method": "POST", "host": "h", "path": "/", "query": query, "body": { "hex": hex(body) } });
    let task = SignTask {
        account: Account::default(),
        parameters: Parameters::default(),
        time: None,
        nonce: None,
        request: serde_json::from_value(request).unwrap(),
    };
    let (operation, task) = ("sign".to_owned(), Task::Sign(Box::new(task)));
    let case = Case { scheme: "steps".into(), operation, variant: None, reading: None, task };
    Ok(stages(&Arc::new(scheme), &case)?.swap_remove("result").unwrap().0)
}

/// Steps of bytes, by the step that they are about: each of its ways that has code.
const OF_BYTES: [&str; 39] = [
    r#"["md5"]"#,
    r#"["sha1"]"#,
    r#"["sha224"]"#,
    r#"["sha256"]"#,
    r#"["sha384"]"#,
    r#"["sha512"]"#,
    r#"[{"hmac":{"with":"sha256","key":{"text":"k\u00e9\"y"}}}]"#,
    r#"[{"hmac":{"with":"sha1","message":{"text":"m"}}}]"#,
    r#"["hex"]"#,
    r#"[{"hex":"upper"}]"#,
    r#"["hex-decode"]"#,
    r#"["base64"]"#,
    r#"[{"base64":{"padding":false}}]"#,
    r#"[{"base64":"url"}]"#,
    r#"[{"base64":{"alphabet":"url","padding":false}}]"#,
    r#"["base64-decode"]"#,
    r#"[{"base64-decode":{"padding":false}}]"#,
    r#"[{"base64-decode":"url"}]"#,
    r#"[{"percent-encode":"unreserved"}]"#,
    r#"[{"percent-encode":["unreserved","/"]}]"#,
    r#"[{"percent-encode":"alphanumeric"}]"#,
    r#"[{"percent-encode":{"keep":["alphanumeric","*","-",".","_"],"plus":true}}]"#,
    r#"[{"percent-encode":{"keep":["unreserved","!","'","(",")","*"],"case":"lower"}}]"#,
    r#"["percent-decode"]"#,
    r#"[{"percent-decode":{"plus":true}}]"#,
    r#"["lower"]"#,
    r#"["upper"]"#,
    r#"["collapse-space"]"#,
    r#"["length"]"#,
    r#"[{"replace":{" ":"$&\\"}}]"#,
    r#"[{"replace":{"%20":"+"}}]"#,
    r#"[{"truncate":3}]"#,
    r#"[{"strip-prefix":"a.b"}]"#,
    r#"[{"before":":"}]"#,
    r#"[{"after":":"}]"#,
    r#"["trim"]"#,
    // What a step gives goes on into another one.
    r#"["sha256","hex",{"truncate":8},"upper","base64"]"#,
    r#"[{"percent-encode":"unreserved"},"length","hex"]"#,
    r#"[{"split":"&"},{"assign":"="},"names",{"join":"|"}]"#,
];

/// Steps of pairs.
const OF_PAIRS: [&str; 18] = [
    r#"["drop-empty",{"pair":"{name}={value}"},{"join":"&"}]"#,
    r#"[{"except":["b","\u00e9"]},{"pair":"{name}{value}"},{"join":""}]"#,
    r#"[{"except":{"names":["B"],"caseless":true}},{"pair":"{value}%{name}"},{"join":"\n"}]"#,
    r#"[{"only":["b","c d"]},{"pair":"{name}:`{value}`${name}"},{"join":"&"}]"#,
    r#"[{"only":{"names":["B","a"],"caseless":true}},{"pair":"{name}\\\"{value}"},{"join":"&"}]"#,
    r#"[{"only-prefix":"x-"},{"pair":"{value}"},{"join":"&"}]"#,
    r#"["sort",{"pair":"{name}={value}"},{"join":"&"}]"#,
    r#"[{"sort":{"by":["name","value"]}},{"pair":"{name}={value}"},{"join":"&"}]"#,
    r#"[{"sort":{"by":["value"]}},{"pair":"{name}={value}"},{"join":"&"}]"#,
    r#"[{"percent-encode":"unreserved"},"sort",{"pair":"{name}={value}"},{"join":"&"}]"#,
    r#"[{"percent-encode":{"keep":"unreserved","of":"value"}},"drop-empty",{"pair":"{name}={value}"},{"join":"&"}]"#,
    r#"[{"lower":"name"},{"upper":"value"},{"pair":"{name}={value}"},{"join":"&"}]"#,
    r#"[{"lower":"name"},{"only-prefix":"x"},{"pair":"{name}:{value}"},{"join":"\n"}]"#,
    r#"["names","sort",{"join":";"}]"#,
    r#"["names","hex","sort",{"join":";"}]"#,
    r#"["sha256","hex",{"pair":"{name}{value}"},{"join":""}]"#,
    r#"[{"pair":"{name}={value}"},"sort","hex",{"join":"&"}]"#,
    r#"["hex","upper","base64",{"pair":"{name}={value}"},{"join":"&"}]"#,
];

/// Steps that JavaScript does of text alone: bytes that are no UTF-8 are not theirs.
const OF_TEXT: [&str; 11] = [
    "percent-encode",
    "percent-decode",
    "lower",
    "upper",
    "collapse-space",
    "replace",
    "strip-prefix",
    "before",
    "after",
    "trim",
    "split",
];

/// Returns whether a pipeline, or one within it, has such a step.
fn uses_text(pipeline: &Pipeline) -> bool {
    let is_of_text = |part: &&Pipeline| part.steps.iter().any(|step| OF_TEXT.contains(&step.word()));
    pipeline.all().iter().any(is_of_text)
}

/// Returns whether digits are of UTF-8, in lists of them all.
fn is_text(digits: &Value) -> bool {
    match digits {
        Value::Array(items) => items.iter().all(is_text),
        digits => {
            String::from_utf8(data_encoding::HEXLOWER.decode(digits.as_str().unwrap().as_bytes()).unwrap()).is_ok()
        }
    }
}

const INPUTS: [&[u8]; 12] = [
    b"",
    b"a b",
    "AbC \u{e9} \u{20ac} \u{c9}\u{1f600}".as_bytes(),
    b"!*'();:@&=+$,/?#[]-._~`{}|\\^<>\"",
    b" \t x  y\t\tz \r\n",
    b"a.b:c:d",
    b"7E7e00ff",
    b"Zm8=",
    b"Zm8",
    b"a%20b%2Fc+d",
    b"a=1&b=2=3&c=",
    b"\xff\xfe\x00 a:\x80Z",
];

#[test]
fn a_step_in_code_gives_what_the_step_gives() {
    let query = [
        ["b", "2"],
        ["a b", "x/y"],
        ["a", ""],
        ["B", "\u{e9}"],
        ["b", "1"],
        ["x-A", " q "],
        ["\u{ffff}", "u"],
        ["\u{1f600}", "v"],
        ["c d", "%"],
    ];
    let (mut due, mut shown, mut none) = (Vec::new(), BTreeSet::new(), Vec::new());
    let of_bytes = OF_BYTES.iter().map(|steps| ("body", steps));
    for (source, steps) in of_bytes.chain(OF_PAIRS.iter().map(|steps| ("query", steps))) {
        let steps: Vec<Value> = serde_json::from_str(steps).unwrap_or_else(|e| panic!("{steps}: {e}"));
        let printed = Value::Array(std::iter::once(json!(source)).chain(steps).collect());
        let pipeline: Pipeline = serde_json::from_value(printed.clone()).unwrap();
        let Some(code) = whole(&pipeline) else {
            none.push(printed);
            continue;
        };
        let is_of_text = uses_text(&pipeline);
        let mut compared = 0;
        for input in if source == "body" { &INPUTS[..] } else { &INPUTS[..1] } {
            let names = match source {
                "body" => json!(hex(input)),
                _ => json!(query.map(|pair| pair.map(|text| hex(text.as_bytes())))),
            };
            // What a step refuses, code need not refuse.
            let Ok(gives) = given(&printed, input, &query) else { continue };
            let names = [(source.to_owned(), names)].into();
            let in_javascript = !is_of_text || std::str::from_utf8(input).is_ok();
            due.push(Due { what: printed.to_string(), code: code.clone(), names, gives, in_javascript });
            compared += 1;
        }
        assert!(compared > 0, "nothing is given for {printed}");
        shown.extend(pipeline.steps.iter().map(|step| step.word()));
    }
    assert!(none.is_empty(), "these have no code: {none:?}");
    let with_code: BTreeSet<_> = Does::items().filter(|item| item.code.is_some()).map(|item| item.word).collect();
    assert_eq!(with_code, shown, "steps with code, and those that are evaluated here");
    for language in [Language::Python, Language::JavaScript] {
        eprintln!("{} values of {} steps, {language:?}", confirm(language, &due), shown.len());
    }
}

/// Sources of a pipeline that are names in code.
fn named(pipeline: &Pipeline) -> Vec<&Source> {
    let all = pipeline.all().into_iter().map(|part| &part.source);
    all.filter(|source| source.pipelines().is_empty() && source.item.code.is_none()).collect()
}

/// A name in lower case, its words apart.
fn snake(text: &str) -> String {
    let mut snake = String::new();
    for (i, c) in text.char_indices() {
        let follows = text[..i].chars().next_back().is_some_and(|before| before.is_lowercase() || before.is_numeric());
        if c.is_uppercase() && follows {
            snake.push('_');
        }
        snake.push(if c.is_alphanumeric() { c.to_ascii_lowercase() } else { '_' });
    }
    snake
}

/// Pipelines that write the value of a source in digits: of bytes, of pairs, of a list; and how each is read.
type Probe = (Value, fn(&str) -> Value);

fn probes(source: &Source) -> Vec<Probe> {
    let (printed, types) = (source.printed(), source.item.does.types());
    let all: [(&str, Probe); 3] = [
        ("bytes", (json!([{ "optional": printed }, "hex"]), |text| json!(text))),
        (
            "pairs",
            (json!([printed, "hex", { "pair": "{name}:{value}," }, { "join": "" }]), |text| {
                json!(text.split_terminator(',').map(|pair| pair.split(':').collect::<Vec<_>>()).collect::<Vec<_>>())
            }),
        ),
        (
            "list",
            (json!([printed, "hex", { "join": "," }]), |text| json!(text.split_terminator(',').collect::<Vec<_>>())),
        ),
    ];
    let fits = |(own, _): &(&str, Probe)| !["bytes", "pairs"].contains(&types) || *own == types;
    all.into_iter().filter(fits).map(|(_, probe)| probe).collect()
}

/// A source, the stage that is its probe, and how that is read.
type ProbedSource = (Source, String, fn(&str) -> Value);

/// An operation whose stages have code, with probes of what they start from.
struct Probed {
    scheme: Arc<Scheme>,
    /// Stages with steps that JavaScript does of text.
    of_text: BTreeSet<String>,
    /// Of each stage its code, and its sources, each with its probe.
    stages: Vec<(String, [Vec<String>; 2], Vec<ProbedSource>)>,
}

impl Probed {
    fn of(scheme: &Scheme, name: &str, variant: Option<&str>) -> Probed {
        let mut operation = scheme.edited(name, scheme.edits_of(variant, None).unwrap()).unwrap();
        let with = |operation: &Operation| {
            let operations = [(name.to_owned(), operation.clone())].into();
            Arc::new(Scheme { operations, variants: IndexMap::new(), readings: IndexMap::new(), ..scheme.clone() })
        };
        let mut stages = Vec::new();
        for (stage, pipeline) in operation.derive.clone() {
            let Some(code) = whole(&pipeline) else { continue };
            let mut sources = Vec::new();
            for source in named(&pipeline) {
                let probe = format!("probe-{}-{}", stages.len(), sources.len());
                let fits = probes(source).into_iter().find_map(|(written, read)| {
                    let at = operation.derive.get_index_of(&stage).unwrap();
                    let mut probed = operation.clone();
                    probed.derive.shift_insert(at, probe.clone(), serde_json::from_value(written).unwrap());
                    Implementation::of(&with(&probed), name, None, None).ok()?;
                    Some((probed, read))
                });
                let (probed, read) =
                    fits.unwrap_or_else(|| panic!("{name}.{stage}: no probe of {:?}", source.printed()));
                operation = probed;
                sources.push((source.clone(), probe, read));
            }
            stages.push((stage, code, sources));
        }
        let of_text = |(stage, pipeline): (&String, &Pipeline)| uses_text(pipeline).then(|| stage.clone());
        Probed { of_text: operation.derive.iter().filter_map(of_text).collect(), scheme: with(&operation), stages }
    }

    /// What is due of a case, where these values of stages are expected.
    fn due(&self, case: &Case, expected: &IndexMap<String, Bytes>, due: &mut Vec<Due>) -> Vec<String> {
        let Ok(values) = stages(&self.scheme, &Case { variant: None, ..case.clone() }) else { return Vec::new() };
        let mut confirmed = Vec::new();
        for (stage, code, sources) in &self.stages {
            let Some(gives) = expected.get(stage) else { continue };
            let mut names: BTreeMap<String, Vec<Value>> = BTreeMap::new();
            for (source, probe, read) in sources {
                let value = read(std::str::from_utf8(values[probe].as_slice()).unwrap());
                let own = source.first().text();
                let is_dotted = source.name_in(source.word()).is_some();
                let plain = snake(if is_dotted { own } else { source.word() });
                for name in [plain, snake(&format!("{} {own}", source.word()))] {
                    names.entry(name).or_default().push(value.clone());
                }
            }
            // A name of two values is used for neither.
            let names = names
                .into_iter()
                .filter(|(name, values)| !name.ends_with('_') && values.iter().all(|value| *value == values[0]));
            let names: BTreeMap<_, _> = names.map(|(name, mut values)| (name, values.swap_remove(0))).collect();
            let what = format!("{} {}.{stage}", case.scheme, case.operation);
            let in_javascript = !self.of_text.contains(stage) || names.values().all(is_text);
            due.push(Due { what, code: code.clone(), names, gives: gives.0.clone(), in_javascript });
            confirmed.push(stage.clone());
        }
        confirmed
    }
}

#[test]
fn a_stage_in_code_gives_what_vectors_expect() {
    let (mut due, mut confirmed, mut all) = (Vec::new(), BTreeSet::new(), BTreeSet::new());
    for entry in entries() {
        let mut probed: BTreeMap<(String, Option<String>), Probed> = BTreeMap::new();
        for (topic, vector) in entry.vectors() {
            let case = vector.given.case(&entry.name, &topic.file.accounts, None);
            if case.task.to_sign().is_none() {
                continue;
            }
            let (operation, variant) = (case.operation.clone(), case.variant.clone());
            let make = || Probed::of(&entry.scheme, &operation, variant.as_deref());
            let probed = probed.entry((operation.clone(), variant.clone())).or_insert_with(make);
            let named = |stage: String| (entry.name.clone(), operation.clone(), stage);
            all.extend(vector.expect.stages.keys().cloned().map(named));
            confirmed.extend(probed.due(&case, &vector.expect.stages, &mut due).into_iter().map(named));
        }
    }
    for language in [Language::Python, Language::JavaScript] {
        let values = confirm(language, &due);
        eprintln!("{values} values of {} of {} stages, {language:?}", confirmed.len(), all.len());
    }
    assert!(confirmed.len() >= 180, "only {} of {} stages are written in code", confirmed.len(), all.len());
}

#[test]
fn a_comparison_in_code_compares() {
    let check = json!({ "equal": ["header.x-id", "stage.id"], "reject": "signature-mismatch" });
    let check: Check = serde_json::from_value(check).unwrap();
    let code = [Language::Python, Language::JavaScript].map(|language| check.in_code(language).unwrap());
    let due =
        [("a", "a", "true"), ("a", "b", "false"), ("a", "", "false"), ("", "", "true")].map(|(one, other, gives)| {
            let names =
                [("x_id", one), ("id", other)].map(|(name, text)| (name.to_owned(), json!(hex(text.as_bytes()))));
            let (code, gives) = (code.clone(), gives.into());
            Due { what: format!("{one} and {other}"), code, names: names.into(), gives, in_javascript: true }
        });
    for language in [Language::Python, Language::JavaScript] {
        confirm(language, &due);
    }
    let caseless = json!({ "equal": ["header.x-id", "stage.id"], "caseless": true, "reject": "signature-mismatch" });
    assert_eq!(serde_json::from_value::<Check>(caseless).unwrap().in_code(Language::Python), None);
}
