//! Sites: every node of an operation that an operator may edit, with the path that addresses it.

use crate::scheme::{
    Binding, Check, CredentialKind, Family, Named, Node, Operation, Path, Pipeline, Place, Scheme, Source, Step,
    Written,
};
use crate::yaml::Segment;

/// A node and where it stands.
#[derive(Debug)]
pub struct Site<'a> {
    /// The scheme that is mutated.
    pub scheme: &'a Scheme,
    /// The operation that the node is in, and its name.
    pub operation: (&'a str, &'a Operation),
    /// Path from the operations.
    pub path: Path,
    /// The block of the operation.
    pub block: Block,
    /// The node.
    pub spot: Spot<'a>,
}

/// A block of an operation.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Block {
    /// Values that a verifier binds.
    Receive,
    /// Stages that both derive.
    Derive,
    /// Fields that a signer adds, before or after.
    Place,
    /// Checks of a verifier.
    Verify,
}

/// Part of an operation at a site.
#[derive(Debug)]
pub enum Spot<'a> {
    /// A pipeline as a whole.
    Pipeline(&'a Pipeline),
    /// Start of a pipeline.
    Source(&'a Source),
    /// One of several parts of a source: its number, and how many there are.
    Part(usize, usize),
    /// A step.
    Step(&'a Step),
    /// A field that the signer adds.
    Placed(&'a str),
    /// A binding.
    Binding(&'a Binding),
    /// Rules for reading the wire.
    Wire,
    /// A check: its number, and how many there are.
    Check(&'a Check, usize, usize),
}

/// Every site of an operation.
pub fn sites<'a>(scheme: &'a Scheme, name: &'a str, operation: &'a Operation) -> Vec<Site<'a>> {
    let mut walk = Walk { scheme, operation: (name, operation), block: Block::Place, sites: Vec::new() };
    let root = Path::of(name);
    walk.block = Block::Receive;
    walk.push(root.key("wire"), Spot::Wire);
    walk.block = Block::Place;
    walk.place(&root.key("prepare"), &operation.prepare);
    walk.block = Block::Receive;
    for (binding_name, binding) in &operation.receive {
        let path = root.key("receive").key(binding_name);
        let alternatives = path.key("first-of");
        for (i, pipeline) in binding.first_of.iter().enumerate() {
            walk.pipeline(&alternatives.then(Named::Index(i)), pipeline);
        }
        walk.parts(&alternatives, binding.first_of.len());
        walk.push(path, Spot::Binding(binding));
    }
    walk.block = Block::Derive;
    for (stage, pipeline) in &operation.derive {
        walk.pipeline(&root.key("derive").key(stage), pipeline);
    }
    walk.block = Block::Place;
    walk.place(&root.key("place"), &operation.place);
    walk.block = Block::Verify;
    walk.checks(&root.key("verify"), &operation.verify);
    walk.sites
}

struct Walk<'a> {
    scheme: &'a Scheme,
    operation: (&'a str, &'a Operation),
    block: Block,
    sites: Vec<Site<'a>>,
}

impl<'a> Walk<'a> {
    fn push(&mut self, path: Path, spot: Spot<'a>) {
        self.sites.push(Site { scheme: self.scheme, operation: self.operation, path, block: self.block, spot });
    }

    fn place(&mut self, path: &Path, place: &'a Place) {
        for (part, name, pipeline) in place.fields() {
            let path = path.key(part.word()).key(name);
            self.pipeline(&path, pipeline);
            self.push(path, Spot::Placed(name));
        }
    }

    fn checks(&mut self, path: &Path, checks: &'a [Check]) {
        for (i, check) in checks.iter().enumerate() {
            let word = check.test.word();
            let before = checks[..i].iter().filter(|other| other.test.word() == word).count();
            let path = path.then(Named::Nth(word.to_owned(), before));
            self.within(&path, &check.test, 0);
            self.push(path, Spot::Check(check, i, checks.len()));
        }
    }

    fn parts(&mut self, path: &Path, count: usize) {
        (0..count).for_each(|i| self.push(path.then(Named::Index(i)), Spot::Part(i, count)));
    }

    fn pipeline(&mut self, path: &Path, pipeline: &'a Pipeline) {
        let source = path.source();
        self.within(&source, &pipeline.source, 0);
        if let Some((way, parts)) = pipeline.source.parts() {
            self.parts(&below(&source, &way), parts.len());
        }
        self.push(source, Spot::Source(&pipeline.source));
        for (i, step) in pipeline.steps.iter().enumerate() {
            let word = step.word();
            let at_the_start = pipeline.source.word() == word && pipeline.source.item.written != Written::Dotted;
            let before = pipeline.steps[..i].iter().filter(|other| other.word() == word).count();
            let path = path.then(Named::Nth(word.to_owned(), before + usize::from(at_the_start)));
            // Below the word of a step lie its options.
            self.within(&path, step, 1);
            self.push(path, Spot::Step(step));
        }
        self.push(path.clone(), Spot::Pipeline(pipeline));
    }

    /// The pipelines within a node; the first steps of the way to them are in the path already.
    fn within<E: Family>(&mut self, path: &Path, node: &'a Node<E>, done: usize) {
        for (way, pipeline) in node.pipelines() {
            self.pipeline(&below(path, &way[done..]), pipeline);
        }
    }
}

fn below(path: &Path, way: &[Segment]) -> Path {
    way.iter().fold(path.clone(), |path, below| match below {
        Segment::Key(key) => path.key(key),
        Segment::Index(i) => path.then(Named::Index(*i)),
    })
}

impl<'a> Site<'a> {
    /// The step of this word, where the site is one.
    pub fn step(&self, word: &str) -> Option<&'a Step> {
        match self.spot {
            Spot::Step(step) if step.is(word) => Some(step),
            _ => None,
        }
    }

    /// The source, where the site is one.
    pub fn source(&self) -> Option<&'a Source> {
        match self.spot {
            Spot::Source(source) => Some(source),
            _ => None,
        }
    }

    /// Credentials of the account that hold one value.
    pub fn credentials(&self) -> impl Iterator<Item = &str> {
        let account = self.scheme.account.iter();
        account
            .filter(|(_, kind)| matches!(kind, CredentialKind::Public | CredentialKind::Secret))
            .map(|(name, _)| name.as_str())
    }

    /// Returns whether a credential is a secret.
    pub fn is_secret(&self, name: &str) -> bool {
        self.scheme.account.get(name) == Some(&CredentialKind::Secret)
    }
}
