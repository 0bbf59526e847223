//! Reading what `worker write` tells.

/// One call, by what was told of it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Call {
    /// `create`, `update`, `start`, `send`, `send-without-key` or `end`.
    pub(crate) call: String,
    /// The interview's name, or the message's text; also the key of calls that have one.
    pub(crate) name: String,
    /// The interview or session that it is about.
    pub(crate) parent: String,
    /// The id, number or time that it returned; none where it was not told to be done.
    pub(crate) result: Option<String>,
}

/// What one line tells; none of a line that is no whole one.
pub(crate) fn line(line: &str) -> Option<Call> {
    let mut words = line.split(' ');
    let done = match words.next()? {
        "begin" => false,
        "done" => true,
        _ => return None,
    };
    let mut next = || words.next().map(str::to_owned);
    let call = Call { call: next()?, name: next()?, parent: next()?, result: next() };
    (call.result.is_some() == done).then_some(call)
}

/// The calls in the order of their beginnings.
pub(crate) fn calls(text: &str) -> Vec<Call> {
    let mut calls: Vec<Call> = Vec::new();
    for told in text.lines().filter_map(line) {
        let same = |call: &&mut Call| call.call == told.call && call.name == told.name;
        match calls.iter_mut().rev().find(same) {
            Some(begun) if told.result.is_some() => begun.result = told.result,
            _ => calls.push(told),
        }
    }
    calls
}
