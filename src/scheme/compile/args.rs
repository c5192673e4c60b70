//! Options of items, prepared by their kinds.

use super::compiler::{Compiler, cut, unknown, wrong_way};
use crate::primitive::digest::Algorithm;
use crate::primitive::encoding;
use crate::primitive::key_pair::SignatureAlgorithm;
use crate::primitive::percent::KeepSet;
use crate::primitive::time::TimeUnit;
use crate::scheme::item::{Arg, Family, Node, Opt, OptionKind, Pipeline, Problem, problem};
use crate::scheme::machine::{
    Args, BytesCode, Code, Held, Ready, TemplatePiece, TimeWindow, Type, Whose, network, whole_number,
};
use indexmap::IndexMap;

impl Compiler<'_> {
    /// The options of a node.
    pub(super) fn args<E: Family>(&mut self, node: &Node<E>) -> Result<Args, Problem> {
        let ready =
            |(i, (option, arg)): (usize, (&Opt, &Arg))| self.ready(option, arg).map_err(|e| e.within(node.way(i)));
        let args: Result<Vec<Ready>, Problem> =
            node.item.options.iter().zip(&node.args).enumerate().map(ready).collect();
        let args = args?;
        fits(node, &args)?;
        Ok(Args(args.into_boxed_slice()))
    }

    fn ready(&mut self, option: &Opt, arg: &Arg) -> Result<Ready, Problem> {
        let number = |word: &str, words: &[&str]| words.iter().position(|other| *other == word).unwrap_or_default();
        Ok(match (option.kind, arg) {
            (OptionKind::ReceivedTime, Arg::Text(which)) if which != "time" => {
                let name = which.strip_prefix("received.").unwrap_or(which);
                Ready::ReceivedTime(Some(self.received_time(name)?))
            }
            (OptionKind::ReceivedTime, _) => {
                self.needs_time()?;
                Ready::ReceivedTime(None)
            }
            (OptionKind::TimeForm, Arg::Absent) => {
                self.needs_time()?;
                Ready::Absent
            }
            (OptionKind::Texts, Arg::Absent) => Ready::Texts(Vec::new()),
            (_, Arg::Absent) => Ready::Absent,
            (_, Arg::Flag(flag)) => Ready::Flag(*flag),
            (_, Arg::Count(count)) => Ready::Count(*count),
            (_, Arg::Bytes(bytes)) => self.fixed_bytes(bytes.0.clone()),
            (OptionKind::Hex, Arg::Text(digits)) => {
                let mut bytes = Vec::new();
                encoding::hex_decode(digits.as_bytes(), &mut bytes).map_err(|e| problem!("{e}"))?;
                self.fixed_bytes(bytes)
            }
            (OptionKind::Template, Arg::Text(template)) => {
                self.fixed += template.len();
                Ready::Template(pair_template(template)?)
            }
            (OptionKind::Word(words), Arg::Text(word)) => Ready::Word(number(word, words)),
            (OptionKind::Deviation(_), Arg::Text(way)) if self.as_written => return Err(wrong_way(way)),
            (OptionKind::Deviation(_), Arg::Text(way)) => Ready::Deviation(way.clone()),
            (OptionKind::Digest, Arg::Text(word)) => {
                let with = Algorithm::ALL.into_iter().find(|with| with.name() == word);
                Ready::Digest(with.ok_or_else(|| problem!("unknown hash function `{word}`"))?)
            }
            (OptionKind::TimeForm, Arg::Text(word)) => Ready::Form(word.parse().map_err(|e| problem!("{e}"))?),
            (OptionKind::Signature, Arg::Text(word)) => {
                let with = SignatureAlgorithm::named(word);
                Ready::Signature(with.ok_or_else(|| problem!("unknown signature algorithm `{word}`"))?)
            }
            (OptionKind::Key(_), Arg::Text(word)) => {
                if !cfg!(feature = "key-pairs") {
                    return Err(problem!("this build lacks the feature `key-pairs`, without which no key signs"));
                }
                let name = word.strip_prefix("credential.").unwrap_or(word);
                match self.held(name)? {
                    (i, Held::Private(pair) | Held::Public(pair)) => Ready::Key(i, pair),
                    _ => return Err(problem!("`{name}` is no half of a pair; say account: {{NAME: {{pair: …}}}}")),
                }
            }
            (OptionKind::Credential, Arg::Text(name)) => match self.receiving {
                false => Ready::Number(self.credential(name)?),
                true => {
                    let why = "a message is received before it is known whose it is";
                    return Err(problem!("{why}; compare with a credential in `verify`"));
                }
            },
            (OptionKind::Parameter, Arg::Text(name)) => {
                let i = self.parameters.get_index_of(name);
                Ready::Number(i.ok_or_else(|| unknown("parameter", name, self.parameters.keys()))?)
            }
            (OptionKind::Addresses, Arg::Text(word)) => {
                let name = word.strip_prefix("credential.").unwrap_or(word);
                match self.held(name)? {
                    (i, Held::Addresses) => Ready::Number(i),
                    _ => return Err(problem!("`{name}` is no list of addresses")),
                }
            }
            (_, Arg::Text(text)) => self.fixed_bytes(text.clone().into_bytes()),
            (OptionKind::Keep, Arg::Texts(kept)) => {
                let keep = |set: KeepSet, word: &String| match word.as_str() {
                    "unreserved" => set.union(&KeepSet::UNRESERVED),
                    "alphanumeric" => set.union(&KeepSet::ALPHANUMERIC),
                    one => set.with(one.as_bytes()),
                };
                Ready::Keep(Box::new(kept.iter().fold(KeepSet::NONE, keep)))
            }
            (OptionKind::Words(words), Arg::Texts(some)) => {
                Ready::Words(some.iter().map(|word| number(word, words)).collect())
            }
            (OptionKind::Addresses, Arg::Texts(list)) => {
                let networks: Option<_> = list.iter().map(|text| network(text)).collect();
                let bad = || problem!("a listed address is neither an address nor a CIDR prefix");
                Ready::Networks(networks.ok_or_else(bad)?)
            }
            (_, Arg::Replacements(texts)) => {
                self.fixed += texts.iter().map(|(text, by)| text.len() + by.len()).sum::<usize>();
                let bytes = |(text, by): (&String, &String)| (text.clone().into_bytes(), by.clone().into_bytes());
                Ready::Replacements(texts.iter().map(bytes).collect())
            }
            (_, Arg::Texts(texts)) => Ready::Texts(texts.iter().map(|text| text.clone().into_bytes()).collect()),
            (OptionKind::Pipeline(Type::Bytes) | OptionKind::TextOrValue, Arg::Pipeline(pipeline)) => {
                Ready::Code(Box::new(self.of_bytes(pipeline, "this")?))
            }
            (OptionKind::Number, Arg::Pipeline(pipeline)) => {
                self.whole_number(pipeline)?;
                Ready::Code(Box::new(self.of_bytes(pipeline, "a whole number")?))
            }
            (_, Arg::Window(number, unit)) => self.window(number, *unit).map_err(|e| e.within(unit.beside()))?,
            (_, Arg::Pipeline(pipeline)) => match self.pipeline(pipeline)? {
                (Code::Many(code), Type::List) => Ready::Many(Box::new(code)),
                (_, ty) => return Err(problem!("a list is needed here, and this gives {}", ty.name())),
            },
            (OptionKind::Pipelines(ty), Arg::Pipelines(some)) => self.pipelines(ty, some)?,
            (_, Arg::Pipelines(some)) => self.pipelines(None, some)?,
            (OptionKind::Fields, Arg::Fields(fields)) => {
                Ready::Fields(self.by_name(fields, |_, name| Ok(name.as_bytes().to_vec()))?)
            }
            (_, Arg::Fields(fields)) => Ready::Credentials(self.by_name(fields, |c, name| c.credential(name))?),
        })
    }

    fn window(&mut self, number: &Pipeline, unit: TimeUnit) -> Result<Ready, Problem> {
        self.whole_number(number)?;
        let arrives = number.all().iter().any(|part| part.source.item.does.origin == Whose::Arrival);
        let code = Box::new(self.of_bytes(number, "a whole number")?);
        Ok(Ready::Window(TimeWindow { code, unit: unit.nanoseconds(), arrives }))
    }

    fn fixed_bytes(&mut self, bytes: Vec<u8>) -> Ready {
        self.fixed += bytes.len();
        Ready::Bytes(bytes)
    }

    /// Checks that what is fixed, or the default of a parameter, is a whole number where one is needed.
    fn whole_number(&self, pipeline: &Pipeline) -> Result<(), Problem> {
        let source = &pipeline.source;
        let (what, text) = match (source.name_in("parameter"), source.fixed()) {
            (Some(name), _) => match self.parameters.get(name).and_then(|parameter| parameter.default.as_deref()) {
                Some(default) => (format!("the default of the parameter `{name}` is"), default),
                None => return Ok(()),
            },
            (None, Some(text)) => ("this is".to_owned(), text),
            (None, None) => return Ok(()),
        };
        if !pipeline.steps.is_empty() || whole_number(text.as_bytes()).is_some() {
            return Ok(());
        }
        Err(problem!("a whole number is needed here, and {what} `{}`", text.escape_debug()))
    }

    fn by_name<N>(
        &mut self,
        fields: &IndexMap<String, Pipeline>,
        name_of: impl Fn(&Self, &str) -> Result<N, Problem>,
    ) -> Result<Vec<(N, BytesCode)>, Problem> {
        let mut field = |(name, value): (&String, &Pipeline)| {
            let code = self.of_bytes(value, &format!("the value of `{name}`")).map_err(|e| e.below(name.as_str()))?;
            Ok((name_of(self, name)?, code))
        };
        fields.iter().map(&mut field).collect()
    }
}

/// Checks that algorithm, pair and form of a node go together.
fn fits<E: Family>(node: &Node<E>, args: &[Ready]) -> Result<(), Problem> {
    let with = args.iter().enumerate().find_map(|(i, ready)| match ready {
        Ready::Signature(with) => Some((i, *with)),
        _ => None,
    });
    let pair = args.iter().find_map(|ready| match ready {
        Ready::Key(_, pair) => Some(*pair),
        _ => None,
    });
    let Some(((i, with), pair)) = with.zip(pair) else { return Ok(()) };
    let (name, needs) = (with.name(), with.pair());
    let wrong = match () {
        () if needs != pair => problem!("`{name}` needs a pair {}, and this one is {}", needs.name(), pair.name()),
        () if node.get("form").text() == "der" && !needs.is_ecdsa() => {
            problem!("`form: der` is of ECDSA; a signature of `{name}` has one form")
        }
        () => return Ok(()),
    };
    Err(wrong.within(node.way(i)))
}

fn pair_template(template: &str) -> Result<Vec<TemplatePiece>, Problem> {
    let piece = |(text, is_name): (&str, bool)| match (text, is_name) {
        (literal, false) => Ok(TemplatePiece::Literal(literal.as_bytes().to_vec())),
        ("name", true) => Ok(TemplatePiece::Name),
        ("value", true) => Ok(TemplatePiece::Value),
        (other, true) => Err(problem!("`{{{other}}}` is unknown; a pair has {{name}} and {{value}}")),
    };
    cut(template).into_iter().map(piece).collect()
}
