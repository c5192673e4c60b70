//! Sources: where a pipeline's first value comes from. A source is one item in one of these files and one line here.

mod given;
mod made;
mod message;

use super::item::{Family, SourceItem};
use super::machine::Gives;

/// All sources.
pub static SOURCES: &[&SourceItem] = &[
    &message::METHOD,
    &message::SCHEME,
    &message::HOST,
    &message::URL,
    &message::TARGET,
    &message::PATH,
    &message::RAW_PATH,
    &message::RAW_QUERY,
    &message::QUERY,
    &message::FORM,
    &message::MULTIPART,
    &message::HEADERS,
    &message::BODY,
    &message::HEADER_FIELD,
    &message::QUERY_FIELD,
    &message::FORM_FIELD,
    &message::JSON_MEMBER,
    &given::NONCE,
    &given::TIME,
    &given::CREDENTIAL,
    &given::PARAMETER,
    &given::STAGE,
    &given::RECEIVED,
    &made::TEXT,
    &made::HEX,
    &made::CONCAT,
    &made::LINES,
    &made::JOIN,
    &made::FIRST_OF,
    &made::OPTIONAL,
    &made::MERGE,
    &made::PAIRS,
];

impl Family for Gives {
    const NAME: &'static str = "source";

    fn items() -> impl Iterator<Item = &'static SourceItem> {
        SOURCES.iter().copied()
    }
}
