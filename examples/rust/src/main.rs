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

use vivavoce::{Engine, ErrorKind, NewInterview, Session, SessionStatus, StartSession};

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
        let text = read(path)?;
        let mut answers = vec![String::new()];
        for line in text.lines() {
            match (line.trim_end(), answers.last_mut()) {
                ("---", _) | (_, None) => answers.push(String::new()),
                (line, Some(answer)) => {
                    answer.push_str(line);
                    answer.push('\n');
                }
            }
        }
        let answers: Vec<_> = answers.iter().map(|answer| answer.trim().to_owned()).collect();
        Ok(Self::Transcript(answers.into_iter()))
    }

    /// The next answer; none when the candidate has nothing more to say.
    fn next(&mut self) -> io::Result<Option<String>> {
        match self {
            Self::Transcript(answers) => Ok(answers.next()),
            Self::Keyboard => {
                if io::stdin().is_terminal() {
                    write!(io::stdout(), "> ")?;
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

/// A text file, with or without the mark that some editors begin with.
fn read(path: &Path) -> Result<String, Box<dyn Error>> {
    let text = fs::read_to_string(path).map_err(|error| about(path, &error))?;
    Ok(text.strip_prefix('\u{feff}').map_or_else(|| text.clone(), str::to_owned))
}

fn about(path: &Path, error: &dyn std::fmt::Display) -> String {
    format!("{}: {error}", path.display())
}

/// Makes the folder that a file is to be written into.
fn make_folder_of(path: &Path) -> Result<(), Box<dyn Error>> {
    let folder = path.parent().unwrap_or(path);
    fs::create_dir_all(folder).map_err(|error| about(folder, &error))?;
    Ok(())
}

fn main() -> ExitCode {
    let words: Vec<String> = std::env::args().skip(1).collect();
    if words.iter().any(|word| word == "--help") {
        println!("{USAGE}");
        return ExitCode::SUCCESS;
    }
    let Some(arguments) = Arguments::read(words.into_iter()) else {
        eprintln!("{USAGE}");
        return ExitCode::from(2);
    };
    match hold(&arguments) {
        Ok(()) => ExitCode::SUCCESS,
        // Whoever reads the output has seen enough.
        Err(error) if error.downcast_ref::<io::Error>().is_some_and(|it| it.kind() == io::ErrorKind::BrokenPipe) => {
            ExitCode::SUCCESS
        }
        Err(error) => {
            eprintln!("error: {error}");
            ExitCode::FAILURE
        }
    }
}

fn hold(arguments: &Arguments) -> Result<(), Box<dyn Error>> {
    let mut output = io::stdout();
    let path = &arguments.interview;
    let plan = NewInterview::from_json(&read(path)?).map_err(|error| about(path, &error))?;
    let mut answers = Answers::open(arguments.transcript.as_deref())?;
    let url = arguments.store_url();
    // Before anybody has answered a question.
    make_folder_of(&arguments.html)?;
    if let Some(path) = url.strip_prefix("sqlite:").filter(|path| !path.starts_with(":memory:")) {
        make_folder_of(Path::new(path))?;
    }

    let engine = Engine::open(&url).map_err(|error| format!("{}: {error}", arguments.database))?;
    let interview = engine.create_interview(plan)?;
    let session = engine.start_session(interview.id, StartSession::default())?;
    if answers.are_typed() {
        writeln!(output, "An empty line or the end of input (Ctrl-D) ends the interview.\n")?;
    }
    say(&mut output, "Interviewer", &first_words(&session))?;
    let mut given = 0;
    while let Some(answer) = answers.next()?.filter(|answer| !answer.is_empty()) {
        if !answers.are_typed() {
            say(&mut output, &interview.candidate_name, &answer)?;
        }
        let turn = match engine.send_message(session.id, &answer) {
            Err(error) if error.kind() == ErrorKind::InvalidInput && answers.are_typed() => {
                writeln!(output, "  [not sent: {error}]\n")?;
                continue;
            }
            turn => turn?,
        };
        given += 1;
        writeln!(
            output,
            "  [{given} of {} answers, kept as message {}]\n",
            interview.max_answers, turn.message.number
        )?;
        say(&mut output, "Interviewer", &turn.reply.content)?;
        if turn.session_status != SessionStatus::Active {
            break;
        }
    }

    let evaluation = engine.end_session(session.id)?;
    let scorecard = engine.scorecard(evaluation.id)?;
    fs::write(&arguments.html, scorecard.to_html()).map_err(|error| about(&arguments.html, &error))?;
    let audit = engine.verify_audit(interview.id, None)?;
    engine.close()?;
    writeln!(output, "{}", scorecard.to_markdown())?;
    writeln!(output, "---")?;
    writeln!(output, "Audit log: {} events, {}.", audit.checked, if audit.is_sound() { "sound" } else { "NOT SOUND" })?;
    writeln!(output, "Database:  {}", arguments.database)?;
    writeln!(output, "Scorecard: {}", arguments.html.display())?;
    Ok(())
}

fn first_words(session: &Session) -> String {
    session.messages.first().map(|message| message.content.clone()).unwrap_or_default()
}

fn say(output: &mut impl io::Write, who: &str, words: &str) -> io::Result<()> {
    writeln!(output, "{who}: {words}\n")
}
