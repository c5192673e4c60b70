//! Which file of the crate imports which, read off the tokens of the sources: comments and texts are no
//! code, and what stands in a macro is.
//!
//! A file imports the file that defines what it names, in whatever form it names it: in a `use`, nested or
//! not, in a path in the code, or behind a name that a `use` has given. So `super::X` is an import of
//! `mod.rs` where `mod.rs` defines X, and of the file that does where `mod.rs` only re-exports it. `mod`
//! declarations and re-exports of a folder's own files only make names and are no imports, unless the code
//! beside them uses such a name; a plain `use` of a child in `mod.rs` is one. The name of a module alone
//! imports nothing: what is reached through it does. A method is not looked for: whoever calls it has imported
//! the type of the value, or has got the value from a file that has.

use proc_macro2::{Delimiter, TokenStream, TokenTree};
use std::collections::{BTreeMap, BTreeSet};
use std::str::FromStr;

/// Names from the root of the crate down.
pub type Path = Vec<String>;

/// The files of a crate by their modules.
#[derive(Default)]
pub struct Crate(BTreeMap<Path, File>);

/// A file: the names that it defines, and those that it uses.
#[derive(Default)]
struct File {
    name: String,
    /// Names of the items at its top level.
    items: BTreeSet<String>,
    uses: Vec<Use>,
    /// Paths in its code with the module that they stand in.
    paths: Vec<(Path, Path)>,
    /// Every word of its code that stands in no `use`.
    words: BTreeSet<String>,
}

/// A leaf of a `use`.
struct Use {
    /// The module that it stands in.
    scope: Path,
    path: Path,
    /// The name that it gives; none for a glob.
    name: Option<String>,
    is_public: bool,
}

impl Crate {
    /// Reads files: for each its name below `src/`, and its text.
    pub fn read(files: impl IntoIterator<Item = (String, String)>) -> Crate {
        let mut read = Crate::default();
        for (name, text) in files {
            let tokens = TokenStream::from_str(&text).unwrap_or_else(|e| panic!("{name}: {e}"));
            let module = module(&name);
            let mut file = File { name, ..File::default() };
            file.read(tokens, &module, true);
            read.0.insert(module, file);
        }
        read
    }

    /// For each file, every path in it that leads into this crate, from the root down.
    pub fn named(&self) -> impl Iterator<Item = (&str, Vec<Path>)> {
        self.0.iter().map(|(module, file)| {
            let uses = file.uses.iter().map(|it| (&it.scope, &it.path));
            let paths = file.paths.iter().map(|(scope, path)| (scope, path));
            let named = uses.chain(paths).filter_map(|(scope, path)| self.absolute(module, scope, path));
            (file.name.as_str(), named.collect())
        })
    }

    /// For each file, the files that it imports.
    pub fn imports(&self) -> BTreeMap<&str, BTreeSet<&str>> {
        let mut imports = BTreeMap::new();
        for (module, file) in &self.0 {
            let mut found = BTreeSet::new();
            for it in &file.uses {
                let Some(path) = self.absolute(module, &it.scope, &it.path) else { continue };
                let is_own = path.len() > module.len() && path.starts_with(module);
                if !(it.is_public && is_own) || self.is_used(file, it, &path) {
                    self.defining(&path, it.name.is_none(), &mut found);
                }
            }
            for (scope, path) in &file.paths {
                if let Some(path) = self.absolute(module, scope, path) {
                    self.defining(&path, false, &mut found);
                }
            }
            let names = found.into_iter().filter(|found| *found != module);
            imports.insert(file.name.as_str(), names.map(|found| self.0[found].name.as_str()).collect());
        }
        imports
    }

    /// Tells whether the code of a file has the name that a `use` in it gives.
    fn is_used(&self, file: &File, it: &Use, path: &Path) -> bool {
        match &it.name {
            Some(name) => file.words.contains(name),
            None => self.0.get(path).is_some_and(|target| !target.items.is_disjoint(&file.words)),
        }
    }

    /// A path from the root of the crate; none where it leads to another crate, or to something local.
    fn absolute(&self, module: &Path, scope: &Path, path: &Path) -> Option<Path> {
        let mut base = match path[0].as_str() {
            "crate" => Vec::new(),
            "self" | "super" => scope.clone(),
            first => {
                // A child before an alias, since a `use` of a child has the name of the child.
                let child = [scope.as_slice(), &path[..1]].concat();
                if self.0.contains_key(&child) {
                    return Some([scope.as_slice(), path].concat());
                }
                let is_it = |it: &&Use| it.name.as_deref() == Some(first) && it.path[0] != first;
                let alias = self.0[module].uses.iter().find(is_it)?;
                let target = self.absolute(module, &alias.scope, &alias.path)?;
                return Some([&target, &path[1..]].concat());
            }
        };
        let supers = path.iter().skip_while(|name| *name == "self").take_while(|name| *name == "super").count();
        base.truncate(base.len() - supers);
        base.extend(path.iter().filter(|name| !["crate", "self", "super"].contains(&name.as_str())).cloned());
        Some(base)
    }

    /// Adds the modules whose files define what a path leads to.
    fn defining<'c>(&'c self, path: &[String], is_glob: bool, found: &mut BTreeSet<&'c Path>) {
        let depth = (0..=path.len()).rev().find(|&depth| self.0.contains_key(&path[..depth])).unwrap_or(0);
        let Some((module, file)) = self.0.get_key_value(&path[..depth]) else { return };
        let is_module = depth == path.len();
        if is_module && is_glob {
            found.insert(module);
            file.uses.iter().filter(|it| it.is_public).for_each(|it| self.behind(module, it, &[], found));
        } else if is_module && depth > 0 {
            // A module and a function may have one name, so the last name is looked for as an item too.
            self.item(&path[..depth - 1], &path[depth - 1..], found);
        } else if !self.item(&path[..depth], &path[depth..], found) && depth > 0 {
            // What nobody is seen to define was made by a macro of the module.
            found.insert(module);
        }
    }

    /// Adds the modules whose files define an item of a module; whether there is one.
    fn item<'c>(&'c self, module: &[String], path: &[String], found: &mut BTreeSet<&'c Path>) -> bool {
        let Some((module, file)) = self.0.get_key_value(module) else { return false };
        let (item, rest) = (&path[0], &path[1..]);
        if file.items.contains(item) {
            found.insert(module);
            return true;
        }
        let named = |it: &&Use| it.scope == *module && it.name.as_deref() == Some(item) && it.path.len() > 1;
        let mut is_there = false;
        for it in file.uses.iter().filter(named) {
            is_there = true;
            self.behind(module, it, rest, found);
        }
        for glob in file.uses.iter().filter(|it| it.scope == *module && it.name.is_none()) {
            let target = self.absolute(module, &glob.scope, &glob.path).filter(|target| self.0.contains_key(target));
            is_there |= target.is_some_and(|target| self.item(&target, path, found));
        }
        is_there
    }

    /// Adds the modules whose files define the target of a `use`, or what is reached through it.
    fn behind<'c>(&'c self, module: &Path, it: &Use, rest: &[String], found: &mut BTreeSet<&'c Path>) {
        if let Some(target) = self.absolute(module, &it.scope, &it.path) {
            self.defining(&[target, rest.to_vec()].concat(), it.name.is_none(), found);
        }
    }
}

/// The module of a file.
fn module(file: &str) -> Path {
    let path = file.strip_suffix(".rs").unwrap_or(file);
    let path = path.strip_suffix("/mod").unwrap_or(path);
    path.split('/').filter(|name| *name != "lib").map(str::to_owned).collect()
}

impl File {
    fn read(&mut self, tokens: TokenStream, scope: &Path, is_top: bool) {
        let tokens: Vec<TokenTree> = tokens.into_iter().collect();
        let mut at = 0;
        let mut is_public = false;
        while at < tokens.len() {
            let (word, next) = (word(&tokens, at), tokens.get(at + 1));
            let was_public = std::mem::take(&mut is_public);
            match (word.as_deref(), next) {
                (Some("pub"), _) => {
                    is_public = true;
                    // A visibility such as `pub(super)` is no import.
                    at += usize::from(group(next, Delimiter::Parenthesis).is_some());
                }
                (Some("mod"), _) if group(tokens.get(at + 2), Delimiter::Brace).is_some() => {
                    let inner = [scope.as_slice(), &[self::word(&tokens, at + 1).unwrap_or_default()]].concat();
                    let body = group(tokens.get(at + 2), Delimiter::Brace).unwrap_or_default();
                    self.read(body, &inner, false);
                    at += 2;
                }
                (Some("use"), _) if !is_punct(&tokens, at + 1, '<') => {
                    let end = (at..tokens.len()).find(|&end| is_punct(&tokens, end, ';')).unwrap_or(tokens.len());
                    let mut leaves = Vec::new();
                    leaf(&tokens[at + 1..end], &[], &mut leaves);
                    let it = |(path, name)| Use { scope: scope.clone(), path, name, is_public: was_public };
                    self.uses.extend(leaves.into_iter().map(it));
                    at = end;
                }
                (Some(_), _) => at = self.path(&tokens, at, scope, is_top),
                (None, _) if is_punct(&tokens, at, '#') => {
                    let is_inner = is_punct(&tokens, at + 1, '!');
                    let attribute = group(tokens.get(at + 1 + usize::from(is_inner)), Delimiter::Bracket);
                    if let Some(attribute) = attribute {
                        self.attribute(attribute, scope);
                        at += 1 + usize::from(is_inner);
                    }
                    is_public = was_public;
                }
                (None, _) => {
                    if let TokenTree::Group(group) = &tokens[at] {
                        self.read(group.stream(), scope, false);
                    }
                }
            }
            at += 1;
        }
    }

    /// A path that begins here, or the name of an item; the number of its last token.
    fn path(&mut self, tokens: &[TokenTree], start: usize, scope: &Path, is_top: bool) -> usize {
        const ITEMS: [&str; 8] = ["struct", "enum", "union", "fn", "const", "static", "type", "trait"];
        let mut path: Path = word(tokens, start).into_iter().collect();
        if is_top && ITEMS.contains(&path[0].as_str()) {
            self.items.extend(word(tokens, start + 1).filter(|name| !ITEMS.contains(&name.as_str())));
        }
        let is_before = |back: usize, c: char| start >= back && is_punct(tokens, start - back, c);
        let is_method = is_before(1, '.') && !is_before(2, '.');
        let is_defined = start > 0 && word(tokens, start - 1).as_deref() == Some("fn");
        if !is_method && !is_defined {
            self.words.insert(path[0].clone());
        }
        let mut end = start;
        while is_punct(tokens, end + 1, ':') && is_punct(tokens, end + 2, ':') {
            let Some(name) = word(tokens, end + 3) else { break };
            path.push(name);
            end += 3;
        }
        // What follows `::`, as in `<T as X>::Y`, is the end of a path.
        let follows = is_before(1, ':') && is_before(2, ':');
        if path.len() > 1 && !follows {
            self.paths.push((scope.clone(), path));
        }
        end
    }

    /// Names in the texts of an attribute, such as `#[serde(with = "…")]`; a doc comment has none.
    fn attribute(&mut self, tokens: TokenStream, scope: &Path) {
        let tokens: Vec<TokenTree> = tokens.into_iter().collect();
        if word(&tokens, 0).as_deref() == Some("doc") {
            return;
        }
        for token in &tokens {
            match token {
                TokenTree::Group(group) => self.attribute(group.stream(), scope),
                TokenTree::Literal(literal) => {
                    let text = literal.to_string();
                    if let Ok(tokens) = TokenStream::from_str(text.trim_matches('"')) {
                        self.read(tokens, scope, false);
                    }
                }
                TokenTree::Ident(_) | TokenTree::Punct(_) => {}
            }
        }
        self.read(tokens.into_iter().collect(), scope, false);
    }
}

/// The leaves of a tree of imports: each its path and the name that it gives, none for a glob.
fn leaf(tokens: &[TokenTree], before: &[String], leaves: &mut Vec<(Path, Option<String>)>) {
    let mut path = before.to_vec();
    let mut at = 0;
    while at < tokens.len() {
        match &tokens[at] {
            TokenTree::Ident(ident) if ident == "as" => {
                return leaves.push((path, word(tokens, at + 1)));
            }
            TokenTree::Ident(ident) if ident == "self" && !path.is_empty() => {}
            TokenTree::Ident(ident) => path.push(ident.to_string()),
            TokenTree::Group(group) => {
                let inner: Vec<TokenTree> = group.stream().into_iter().collect();
                let is_comma = |token: &TokenTree| matches!(token, TokenTree::Punct(punct) if punct.as_char() == ',');
                return inner
                    .split(is_comma)
                    .filter(|part| !part.is_empty())
                    .for_each(|part| leaf(part, &path, leaves));
            }
            TokenTree::Punct(punct) if punct.as_char() == '*' => return leaves.push((path, None)),
            TokenTree::Punct(_) | TokenTree::Literal(_) => {}
        }
        at += 1;
    }
    let name = path.last().cloned();
    leaves.push((path, name));
}

fn word(tokens: &[TokenTree], at: usize) -> Option<String> {
    match tokens.get(at)? {
        TokenTree::Ident(ident) => Some(ident.to_string()),
        _ => None,
    }
}

fn is_punct(tokens: &[TokenTree], at: usize, c: char) -> bool {
    matches!(tokens.get(at), Some(TokenTree::Punct(punct)) if punct.as_char() == c)
}

fn group(token: Option<&TokenTree>, delimiter: Delimiter) -> Option<TokenStream> {
    match token? {
        TokenTree::Group(group) if group.delimiter() == delimiter => Some(group.stream()),
        _ => None,
    }
}
