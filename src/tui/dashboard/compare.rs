//! Hosts side by side: a table of them, all in one graph of the same scale, then a column for each.

use super::{Dashboard, Screen};
use manytop_core::{clock::Moment, layout::Layout, source::Source};

impl Dashboard {
    /// Shows hosts side by side until Esc.
    pub(super) fn compare(&mut self, hosts: &[Source], now: Moment) {
        let text = layout(hosts);
        let built = Layout::parse("compare", &text, &self.parts.registry)
            .map_err(|errors| errors.join("; "))
            .and_then(|parsed| Screen::build(&self.parts, parsed.layout, None));
        match built {
            Ok(screen) => {
                let before = std::mem::replace(&mut self.main, screen);
                self.before.get_or_insert(before);
                self.parts.settings.compared = hosts.to_vec();
                self.say(format!("{} hosts compared; Esc goes back", hosts.len()), now);
            }
            Err(problem) => self.say(problem, now),
        }
    }

    /// Goes back to the screen of before. Returns whether hosts were compared.
    pub(super) fn stop_comparing(&mut self) -> bool {
        match self.before.take() {
            Some(before) => {
                self.main = before;
                self.parts.settings.compared.clear();
                true
            }
            None => false,
        }
    }
}

/// The layout: all of them in one row of boxes, then a row of boxes for each kind.
fn layout(hosts: &[Source]) -> String {
    let names: Vec<String> = hosts.iter().map(|host| format!("{:?}", host.name())).collect();
    let all = names.join(",");
    let row = |span: u16, word: &str| {
        let boxes: Vec<String> = names.iter().map(|name| format!("{word}@{name}")).collect();
        format!("{span}:{}", boxes.join(&format!(" {span}:")))
    };
    // a span of several lines is followed by that many lines less one
    let mut text = format!("hosts@{all}\n");
    text += &format!("cpu@{all}/2 mem@{all}\n");
    for word in ["cpu", "mem", "net", "disk"] {
        text += &row(1, word);
        text.push('\n');
    }
    text
}

#[cfg(test)]
mod tests {
    use super::*;
    use manytop_core::{config, registry::Registry};

    #[test]
    fn two_to_six_hosts_have_a_layout() {
        let registry = Registry::load(&config::reserved_words()).unwrap();
        for count in 2..=6 {
            let hosts: Vec<Source> =
                (0..count).map(|n| Source::named(&format!("a b-{n}/c"))).collect();
            let parsed = Layout::parse("compare", &layout(&hosts), &registry).unwrap();
            assert_eq!(parsed.layout.items().len(), 3 + 4 * count);
            assert!(parsed.warnings.is_empty(), "{:?}", parsed.warnings);
        }
    }
}
