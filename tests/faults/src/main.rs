//! The process that the tests start, kill and watch. What it does is one word on its command line; it panics where something is not as it should be.
//!
//! ```text
//! worker write URL RUN THREADS ROUNDS   holds interviews and says when each call begins and is done
//! worker store                          opens the store that the environment names, and prints its kind
//! worker create URL                     waits for a line, opens the store, plans an interview, prints its id
//! worker share URL SESSION NAME COUNT   waits for a line, sends messages to a session that others send to as well
//! worker draft URL INTERVIEW NAME COUNT waits for a line, replaces the plan of a draft that others replace as well, and prints how often
//! worker begin URL INTERVIEW            waits for a line, starts a session, and prints its id
//! worker judge URL                      takes an evaluation from the queue, says so, and judges it until it is killed
//! worker full-disk DIRECTORY            fills the file system of DIRECTORY, which is its own, and frees it again
//! worker full-server-disk DIRECTORY     does the same to a PostgreSQL server
//! worker read-only DIRECTORY            makes that file system read-only
//! ```

mod disk;
mod judge;
mod write;

use std::io::Write as _;

use vivavoce::{Engine, InterviewType, NewInterview, StartSession};

/// A plan that takes as many answers as a test has.
fn plan(name: &str) -> NewInterview {
    NewInterview::new(name, InterviewType::Technical)
        .question("What is a deadlock?")
        .question("How does a B-tree stay balanced?")
        .max_answers(1_000)
}

/// Prints a line with one call of the system, so that it is told whole, or not at all, whenever this process is killed.
fn tell(line: &str) {
    let mut output = std::io::stdout().lock();
    output.write_all(format!("{line}\n").as_bytes()).expect("the test reads what is told");
    output.flush().expect("the test reads what is told");
}

/// Waits until the test says that all begin.
fn wait_for_start() {
    std::io::stdin().read_line(&mut String::new()).expect("the test says when to begin");
}

fn create(url: &str) {
    wait_for_start();
    let engine = Engine::open(url).expect("the store opens");
    let interview = engine.create_interview(plan("Ada")).expect("an interview is planned");
    engine.close().expect("the engine closes");
    tell(&interview.id.to_string());
}

fn share(url: &str, session: &str, name: &str, count: usize) {
    let engine = Engine::open(url).expect("the store opens");
    let session = session.parse().expect("a session's id");
    wait_for_start();
    for number in 0..count {
        engine.send_message(session, &format!("{name}-{number}")).expect("a message is sent");
    }
    engine.close().expect("the engine closes");
}

fn draft(url: &str, interview: &str, name: &str, count: usize) {
    let engine = Engine::open(url).expect("the store opens");
    let interview = interview.parse().expect("an interview's id");
    wait_for_start();
    let mut done = 0;
    for number in 0..count {
        let plan = NewInterview::new(name, InterviewType::Technical).question(format!("{name}-{number}?"));
        match engine.update_interview(interview, plan) {
            Ok(_) => done += 1,
            // A session was started meanwhile.
            Err(error) if error.kind() == vivavoce::ErrorKind::InvalidState => break,
            Err(error) => panic!("{error}"),
        }
    }
    engine.close().expect("the engine closes");
    tell(&done.to_string());
}

fn begin(url: &str, interview: &str) {
    let engine = Engine::open(url).expect("the store opens");
    let interview = interview.parse().expect("an interview's id");
    wait_for_start();
    // In the middle of what the others do.
    std::thread::sleep(std::time::Duration::from_millis(20));
    let session = engine.start_session(interview, StartSession::default()).expect("a session is started");
    engine.close().expect("the engine closes");
    tell(&session.id.to_string());
}

fn main() {
    let words: Vec<String> = std::env::args().skip(1).collect();
    let words: Vec<&str> = words.iter().map(String::as_str).collect();
    let number = |word: &str| word.parse().expect("a number");
    match words.as_slice() {
        ["write", url, run, threads, rounds] => write::write(url, run, number(threads), number(rounds)),
        ["store"] => match Engine::open_from_env().and_then(|engine| engine.health()) {
            Ok(health) => tell(&health.store),
            Err(error) => tell(error.kind().as_str()),
        },
        ["create", url] => create(url),
        ["share", url, session, name, count] => share(url, session, name, number(count)),
        ["draft", url, interview, name, count] => draft(url, interview, name, number(count)),
        ["begin", url, interview] => begin(url, interview),
        ["judge", url] => judge::endlessly(url),
        ["full-disk", directory] => disk::full(directory),
        ["full-server-disk", directory] => disk::full_on_server(directory),
        ["read-only", directory] => disk::read_only(directory),
        _ => panic!("unknown words: {words:?}"),
    }
}
