//! Holds an interview from a JSON file in the terminal, with answers from a transcript or from the keyboard, keeps it in a store, and prints the scorecard.
//!
//! ```text
//! vivavoce-example FILE [--transcript FILE] [--database PATH|URL] [--html PATH]
//! ```

use std::error::Error;
use std::fs;
use std::io::{self, BufRead as _, IsTerminal as _, Write as _};
use std::path::{Path, PathBuf};
use std::process::ExitCode;

use vivavoce::{Engine, NewInterview, Session, SessionStatus, StartSession};

const USAGE: &str = "usage: vivavoce-example FILE [--transcript FILE] [--database PATH|URL] [--html PATH]

FILE        an interview in JSON, see examples/interviews
transcript  answers in order, separated by lines of ---; without one, you answer
database    an SQLite file, or a store URL (default: interviews.db)
html        where the scorecard goes as a page (default: scorecard.html)";

/// What the command line says.
struct Arguments {
    interview: PathBuf,
    transcript: Option<PathBuf>,
    database: String,
    html: PathBuf,
}

impl Arguments {
    fn read(mut words: impl Iterator<Item = String>) -> Option<Self> {
        let mut arguments = Self {
            interview: PathBuf::new(),
            transcript: None,
            database: "interviews.db".into(),
            html: "scorecard.html".into(),
        };
        while let Some(word) = words.next() {
            match word.as_str() {
                "--transcript" => arguments.transcript = Some(words.next()?.into()),
                "--database" => arguments.database = words.next()?,
                "--html" => arguments.html = words.next()?.into(),
                _ if word.starts_with("--") || arguments.interview != Path::new("") => return None,
                _ => arguments.interview = word.into(),
            }
        }
        (arguments.interview != Path::new("")).then_some(arguments)
    }

    fn store_url(&self) -> String {
        let named =
            ["memory:", "sqlite:", "postgres:", "postgresql:"].iter().any(|scheme| self.database.starts_with(scheme));
        if named { self.database.clone() } else { format!("sqlite:{}", self.database) }
    }
}

/// Where the answers come from.
enum Answers {
    Transcript(std::vec::IntoIter<String>),
    Keyboard,
}

impl Answers {
    fn open(transcript: Option<&Path>) -> Result<Self, Box<dyn Error>> {
        let Some(path) = transcript else { return Ok(Self::Keyboard) };
        let text = fs::read_to_string(path).map_err(|error| format!("{}: {error}", path.display()))?;
        let answers: Vec<_> = text.split("\n---\n").map(|answer| answer.trim().to_owned()).collect();
        Ok(Self::Transcript(answers.into_iter()))
    }

    /// The next answer; none when the candidate has nothing more to say.
    fn next(&mut self) -> io::Result<Option<String>> {
        match self {
            Self::Transcript(answers) => Ok(answers.next()),
            Self::Keyboard => {
                if io::stdin().is_terminal() {
                    print!("> ");
                    io::stdout().flush()?;
                }
                let mut line = String::new();
                Ok((io::stdin().lock().read_line(&mut line)? > 0).then(|| line.trim().to_owned()))
            }
        }
    }

    fn are_typed(&self) -> bool {
        matches!(self, Self::Keyboard)
    }
}

fn main() -> ExitCode {
    let Some(arguments) = Arguments::read(std::env::args().skip(1)) else {
        eprintln!("{USAGE}");
        return ExitCode::from(2);
    };
    match hold(&arguments) {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("error: {error}");
            ExitCode::FAILURE
        }
    }
}

fn hold(arguments: &Arguments) -> Result<(), Box<dyn Error>> {
    let path = &arguments.interview;
    let plan = fs::read_to_string(path).map_err(|error| format!("{}: {error}", path.display()))?;
    let plan = NewInterview::from_json(&plan)?;
    let mut answers = Answers::open(arguments.transcript.as_deref())?;
    let url = arguments.store_url();
    if let Some(folder) = url.strip_prefix("sqlite:").and_then(|path| Path::new(path).parent()) {
        fs::create_dir_all(folder)?;
    }

    let engine = Engine::open(&url)?;
    let interview = engine.create_interview(plan)?;
    let session = engine.start_session(interview.id, StartSession::default())?;
    if answers.are_typed() {
        println!("An empty line or the end of input (Ctrl-D) ends the interview.\n");
    }
    say("Interviewer", &first_words(&session));
    let mut given = 0;
    while let Some(answer) = answers.next()?.filter(|answer| !answer.is_empty()) {
        if !answers.are_typed() {
            say(&interview.candidate_name, &answer);
        }
        let turn = engine.send_message(session.id, &answer)?;
        given += 1;
        println!("  [{given} of {} answers, kept as message {}]\n", interview.max_answers, turn.message.number);
        say("Interviewer", &turn.reply.content);
        if turn.session_status != SessionStatus::Active {
            break;
        }
    }

    let evaluation = engine.end_session(session.id)?;
    let scorecard = engine.scorecard(evaluation.id)?;
    println!("{}", scorecard.to_markdown());
    if let Some(folder) = arguments.html.parent() {
        fs::create_dir_all(folder)?;
    }
    fs::write(&arguments.html, scorecard.to_html())?;
    let audit = engine.verify_audit(interview.id, None)?;
    println!("---");
    println!("Audit log: {} events, {}.", audit.checked, if audit.is_sound() { "sound" } else { "NOT SOUND" });
    println!("Database:  {}", arguments.database);
    println!("Scorecard: {}", arguments.html.display());
    engine.close()?;
    Ok(())
}

fn first_words(session: &Session) -> String {
    session.messages.first().map(|message| message.content.clone()).unwrap_or_default()
}

fn say(who: &str, words: &str) {
    println!("{who}: {words}\n");
}
