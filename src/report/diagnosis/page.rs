//! Prose for a terminal, wrapped, with lists and lines that stay as they are.

/// How many characters a line of prose has at most.
const WIDTH: usize = 100;

/// Lines of prose, wrapped.
#[derive(Default)]
pub(super) struct Page(String);

impl Page {
    /// What was written.
    pub(super) fn text(self) -> String {
        self.0
    }

    /// A paragraph after an empty line.
    pub(super) fn paragraph(&mut self, text: &str) {
        if !self.0.is_empty() {
            self.0.push('\n');
        }
        self.wrapped(text, "", "");
    }

    /// An item of a list.
    pub(super) fn item(&mut self, text: &str) {
        self.wrapped(text, "  - ", "    ");
    }

    /// A line as it is, indented.
    pub(super) fn line(&mut self, text: &str) {
        self.0.push_str(format!("    {text}").trim_end());
        self.0.push('\n');
    }

    fn wrapped(&mut self, text: &str, first: &str, further: &str) {
        let mut line = first.to_owned();
        let mut is_empty = true;
        for word in text.split(' ').filter(|word| !word.is_empty()) {
            if !is_empty && line.chars().count() + 1 + word.chars().count() > WIDTH {
                self.0.push_str(&line);
                self.0.push('\n');
                (line, is_empty) = (further.to_owned(), true);
            }
            if !is_empty {
                line.push(' ');
            }
            line.push_str(word);
            is_empty = false;
        }
        if !is_empty {
            self.0.push_str(&line);
            self.0.push('\n');
        }
    }
}
