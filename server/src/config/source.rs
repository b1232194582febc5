//! Reading the settings. A file's entries become the defaults of the flags of the same name before the command line is
//! read, so that they are checked by the same rules and answered with the same errors.

use std::ffi::OsString;
use std::fmt;
use std::path::Path;

use clap::builder::{OsStr, Resettable};
use clap::error::{ContextKind, ContextValue, ErrorKind};
use clap::{Arg, Command, CommandFactory, FromArgMatches};

use super::Config;

/// The settings whose values contain secrets.
const SECRETS: [&str; 2] = ["--ice-server", "--turn-secret"];

/// Why there is no configuration.
#[derive(Debug)]
pub enum NoConfig {
    /// Help or the version was asked for; this is it.
    Asked(String),
    /// Something is wrong, in one line.
    Wrong(String),
}

impl fmt::Display for NoConfig {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let (Self::Asked(text) | Self::Wrong(text)) = self;
        f.write_str(text)
    }
}

impl std::error::Error for NoConfig {}

impl Config {
    /// From the program's flags, the environment, and the file if one is named.
    ///
    /// # Errors
    /// Help was asked for, or a setting is wrong.
    pub fn load() -> Result<Self, NoConfig> {
        Self::read(Self::command(), &std::env::args_os().collect::<Vec<_>>())
    }

    /// From flags alone, for a server that is part of another program.
    ///
    /// # Errors
    /// A setting is wrong.
    pub fn from_flags<Flag: Into<OsString>>(flags: impl IntoIterator<Item = Flag>) -> Result<Self, NoConfig> {
        let command = Self::command().mut_args(|arg| arg.env(Resettable::<OsStr>::Reset));
        let arguments: Vec<_> =
            std::iter::once("vong".into()).chain(flags.into_iter().map(Into::into)).collect();
        Self::read(command, &arguments)
    }

    fn read(command: Command, arguments: &[OsString]) -> Result<Self, NoConfig> {
        let parse = |command: Command| {
            let matches = command.try_get_matches_from(arguments)?;
            Self::from_arg_matches(&matches)
        };
        let first = parse(command.clone()).map_err(explain)?;
        let Some(file) = &first.file else { return first.check() };
        let second = parse(with_file(command, file)?).map_err(explain).and_then(Self::check);
        second.map_err(|error| match error {
            NoConfig::Wrong(text) => NoConfig::Wrong(format!("{text} (with {})", file.display())),
            asked @ NoConfig::Asked(_) => asked,
        })
    }

    /// What no single setting can tell: whether they go together.
    fn check(self) -> Result<Self, NoConfig> {
        self.turn.check().map_err(NoConfig::Wrong)?;
        self.tls.origin().map_err(NoConfig::Wrong)?;
        Ok(self)
    }
}

/// Makes the file's entries the defaults.
fn with_file(mut command: Command, file: &Path) -> Result<Command, NoConfig> {
    let wrong = |what: &dyn fmt::Display| NoConfig::Wrong(format!("error: {}: {what}", file.display()));
    let text = std::fs::read_to_string(file).map_err(|error| wrong(&error))?;
    let table: toml::Table = text.parse().map_err(|error: toml::de::Error| {
        let line = error.span().map_or(1, |span| text[..span.start].lines().count().max(1));
        wrong(&format!("line {line}: {}", error.message()))
    })?;
    for (key, value) in table {
        let known = |arg: &&Arg| arg.get_long() == Some(&key) && key != "config";
        let Some(id) = command.get_arguments().find(known).map(|arg| arg.get_id().clone()) else {
            return Err(wrong(&format!("there is no setting \"{key}\"")));
        };
        let values = match value {
            toml::Value::Array(values) => values.into_iter().map(scalar).collect(),
            value => scalar(value).map(|value| vec![value]),
        };
        let Some(values) = values else {
            return Err(wrong(&format!(
                "\"{key}\" must be a string, a number, true or false, or a list of these"
            )));
        };
        command = command.mut_arg(id, |arg| arg.default_values(values));
    }
    Ok(command)
}

fn scalar(value: toml::Value) -> Option<String> {
    match value {
        toml::Value::String(text) => Some(text),
        toml::Value::Integer(number) => Some(number.to_string()),
        toml::Value::Boolean(truth) => Some(truth.to_string()),
        _ => None,
    }
}

/// One line of what may be several. The value of a setting that holds a secret is not repeated: what is printed ends up
/// in logs.
fn explain(mut error: clap::Error) -> NoConfig {
    if !error.use_stderr() {
        return NoConfig::Asked(error.to_string());
    }
    if error.kind() == ErrorKind::ValueValidation
        && let Some(ContextValue::String(argument)) = error.get(ContextKind::InvalidArg)
        && SECRETS.iter().any(|secret| argument.starts_with(secret))
    {
        error.insert(ContextKind::InvalidValue, ContextValue::String("…".to_owned()));
    }
    let text = error.to_string();
    let lines = text.lines().map(str::trim).take_while(|line| !line.is_empty());
    NoConfig::Wrong(lines.collect::<Vec<_>>().join(" "))
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use super::*;

    fn with(file: &str, flags: &[&str]) -> Result<Config, NoConfig> {
        let directory = tempfile::tempdir().unwrap();
        let path = directory.path().join("vong.toml");
        std::fs::write(&path, file).unwrap();
        let named = ["--config".into(), path.into_os_string()];
        Config::from_flags(named.into_iter().chain(flags.iter().map(Into::into)))
    }

    #[test]
    fn the_command_is_consistent() {
        Config::command().debug_assert();
    }

    #[test]
    fn a_file_comes_before_defaults_and_after_flags() {
        let file = "listen = '127.0.0.1:5000'\nmax-rooms = 7\ntrust-proxy = true\nheartbeat = '2s'\n\
                    allow-origin = ['https://a.example', 'https://b.example']";
        let config = with(file, &["--max-rooms", "8"]).unwrap();
        assert_eq!(config.listen.port(), 5000);
        assert_eq!(config.max_rooms, 8);
        assert!(config.trust_proxy);
        assert_eq!(config.heartbeat, Duration::from_secs(2));
        assert_eq!(config.allow_origin.len(), 2);
        assert_eq!(config.session_grace, Duration::from_secs(15));
        assert!(!with(file, &["--trust-proxy=false"]).unwrap().trust_proxy);
    }

    #[test]
    fn a_mistake_in_the_file_is_one_line_that_names_it() {
        for (file, part) in [
            ("liste = 'x'", "there is no setting \"liste\""),
            ("config = 'x'", "there is no setting \"config\""),
            ("help = true", "there is no setting \"help\""),
            ("listen = 'nonsense'", "nonsense"),
            ("max-rooms = 0", "--max-rooms"),
            ("max-rooms = 1.5", "must be a string, a number"),
            ("\nlisten = ", "line 2"),
            ("ice-server = 'turn:example.org'", "needs a user name"),
        ] {
            let Err(NoConfig::Wrong(text)) = with(file, &[]) else { panic!("{file} was accepted") };
            assert!(text.contains(part) && text.contains("vong.toml") && text.lines().count() == 1, "{text}");
        }
    }

    #[test]
    fn a_file_that_is_not_there_is_said_to_be_missing() {
        let Err(NoConfig::Wrong(text)) = Config::from_flags(["--config", "/nonexistent/vong.toml"]) else {
            panic!("accepted")
        };
        assert!(text.contains("/nonexistent/vong.toml"), "{text}");
    }

    #[test]
    fn bad_flags_are_one_line() {
        for (flags, part) in [
            (&["--nonsense"][..], "--nonsense"),
            (&["--listen", "here"], "--listen"),
            (&["--log", "warning"], "expected off, error, warn"),
            (&["--log", ""], "--log"),
            (&["--log", "info,vong_server=loud"], "expected off, error, warn"),
            (&["--ice-server"], "a value is required"),
            (&["--heartbeat", "1ms"], "must be from 50ms"),
            (&["--session-grace", "soon"], "expected a time"),
            (&["--allow-origin", "example.org"], "expected http://"),
            (&["--watchers-per-room", "10001"], "10001"),
            (&["--frame-ancestors", "a;script-src"], "--frame-ancestors"),
        ] {
            let Err(NoConfig::Wrong(text)) = Config::from_flags(flags) else {
                panic!("{flags:?} was accepted")
            };
            assert!(text.contains(part) && text.lines().count() == 1, "{text}");
        }
    }

    #[test]
    fn help_names_every_flag_with_its_default_and_variable() {
        let Err(NoConfig::Asked(help)) = Config::from_flags(["--help"]) else { panic!("no help") };
        for part in ["--listen", "127.0.0.1:4000", "--heartbeat", "4s", "--ice-server"] {
            assert!(help.contains(part), "{part}");
        }
    }
}
