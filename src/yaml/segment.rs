//! Paths into a document: the place of a node by the keys and numbers that lead to it.

/// One segment of a path into a document.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Segment {
    /// Value of a key.
    Key(String),
    /// Entry of a list, from 0.
    Index(usize),
}

impl std::fmt::Display for Segment {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Segment::Key(key) => f.write_str(key),
            Segment::Index(i) => write!(f, "{i}"),
        }
    }
}

impl From<&str> for Segment {
    fn from(key: &str) -> Segment {
        Segment::Key(key.to_owned())
    }
}

impl From<usize> for Segment {
    fn from(index: usize) -> Segment {
        Segment::Index(index)
    }
}

/// Segments of a dotted path such as `vectors.3.expect`; a number is an index. Of names that a
/// file chooses, segments are made one by one: such a name may have a dot, or be a number.
pub fn path(dotted: &str) -> Vec<Segment> {
    let segment = |s: &str| s.parse().map_or_else(|_| Segment::Key(s.to_owned()), Segment::Index);
    dotted.split('.').filter(|s| !s.is_empty()).map(segment).collect()
}
