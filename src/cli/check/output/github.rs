//! Workflow commands of GitHub Actions: `::error file=…,line=…,title=…::…` (GitHub Docs, "Workflow commands").

use super::sentence;
use crate::cli::check::finding::{Finding, Severity};
use crate::cli::terminal;

/// The annotation for a finding.
pub(super) fn command(finding: &Finding) -> String {
    let kind = match finding.severity {
        Severity::Error => "error",
        Severity::Note => "notice",
        Severity::Warning => "warning",
    };
    let mut properties = Vec::new();
    if let Some(place) = &finding.place {
        properties.push(format!("file={}", property(&place.name.display().to_string())));
        properties.extend(finding.line.map(|line| format!("line={line}")));
    }
    properties.push(format!("title={}", property(&format!("sops-rs: {}", finding.rule.name()))));
    // Not only what the runner reads has to be harmless, but what people see in its log, too.
    terminal::escape(&format!("::{kind} {}::{}", properties.join(","), data(&sentence(finding)))) + "\n"
}

/// The text behind the properties.
fn data(text: &str) -> String {
    text.replace('%', "%25").replace('\r', "%0D").replace('\n', "%0A")
}

/// The value of a property: `,` and `:` end it.
fn property(text: &str) -> String {
    data(text).replace(':', "%3A").replace(',', "%2C")
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::cli::check::finding::{Place, Rule};

    #[test]
    fn nothing_in_a_finding_ends_its_command() {
        let place = Place { name: "a,b:c%\n::error::x.yaml".into(), path: "x".into() };
        let finding = Finding::new(Rule::Plaintext, &place, "100 %\n::set-env::").at(3);
        assert_eq!(
            command(&finding),
            "::error file=a%2Cb%3Ac%25%0A%3A%3Aerror%3A%3Ax.yaml,line=3,title=sops-rs%3A plaintext::100 %25%0A::set-env::\n"
        );
    }
}
