//! What looks like the markers of a prompt: tags, brackets, lines and headings that end the answer or begin something else.

use std::ops::Range;

/// Tags are no longer than this, in bytes.
const LONGEST: usize = 64;

/// Names of tags that prompts are made of.
const TAGS: &[&str] = &[
    "answer",
    "candidate_answer",
    "candidate",
    "student_answer",
    "student_response",
    "user_answer",
    "answers",
    "system",
    "system_prompt",
    "systemprompt",
    "sys",
    "assistant",
    "human",
    "instruction",
    "instructions",
    "new_instructions",
    "prompt",
    "rubric",
    "rubrics",
    "judge",
    "grader",
    "evaluator",
    "evaluation",
    "evaluations",
    "thinking",
    "think",
    "scratchpad",
    "reasoning",
    "untrusted",
    "untrusted_input",
    "user_input",
    "submission",
    "transcript",
    "function_calls",
    "tool_call",
    "tool_result",
    "tool_response",
    "start_of_turn",
    "end_of_turn",
    "bos",
    "eos",
    "grading",
    "grading_instructions",
    "verdict",
    "reference_answer",
    "model_answer",
];

/// What stands in square brackets in prompts.
const BRACKETS: &[&str] = &[
    "inst",
    "/inst",
    "system",
    "/system",
    "sys",
    "/sys",
    "assistant",
    "/assistant",
    "bos",
    "eos",
    "answer",
    "/answer",
    "end of answer",
    "end answer",
    "answer ends",
    "end of response",
    "end of submission",
    "end of candidate answer",
    "end of candidate's answer",
    "end of user input",
    "instruction",
    "instructions",
    "new instructions",
    "system prompt",
    "system message",
    "system note",
    "system override",
    "begin evaluation",
    "judge",
];

/// Headings of prompts; those marked need three signs of a heading, as they may be a chapter of an answer otherwise.
const HEADINGS: &[(&str, bool)] = &[
    ("instruction", true),
    ("instructions", true),
    ("response", true),
    ("input", true),
    ("output", true),
    ("human", true),
    ("assistant", true),
    ("system", true),
    ("user", true),
    ("task", true),
    ("question", true),
    ("new task", false),
    ("new instruction", false),
    ("new instructions", false),
    ("system prompt", false),
    ("system message", false),
    ("system instructions", false),
    ("system override", false),
    ("rubric", false),
    ("new rubric", false),
    ("updated rubric", false),
    ("scoring rubric", false),
    ("grading instructions", false),
    ("grading rubric", false),
    ("grading guidelines", false),
    ("evaluation instructions", false),
    ("end of answer", false),
    ("end answer", false),
    ("end of candidate answer", false),
    ("note to grader", false),
    ("evaluation result", false),
    ("final evaluation", false),
];

/// What stands between dashes in files of keys and is no marker of a prompt.
const KEYS: &[&str] = &["certificate", "key", "pgp", "ssh2", "parameters", "pkcs", "crl", "request"];

/// The bytes of what looks like a marker, in order.
pub(super) fn find(answer: &str) -> Vec<Range<usize>> {
    let mut found = Vec::new();
    let bytes = answer.as_bytes();
    let has_struck = answer.contains("<s>");
    let mut at = 0;
    while at < bytes.len() {
        let run = bytes[at..].iter().take_while(|byte| **byte == bytes[at]).count();
        let length = match bytes[at] {
            b'<' => angled(answer, at, run).or_else(|| stray_end(answer, at, has_struck)),
            b'[' => bracketed(answer, at),
            b'{' if run >= 2 => braced(answer, at),
            b'#' if is_at_line_start(&bytes[..at]) => heading(answer, at, run),
            b'-' | b'=' | b'*' | b'_' | b'~' if run >= 3 => ruled(answer, at, run),
            _ => None,
        };
        if let Some(length) = length {
            found.push(at..at + length);
        }
        at += length.unwrap_or(run).max(1);
    }
    found
}

/// The text from `at` to the next `end`, where it is near and on the same line.
fn inside<'a>(answer: &'a str, at: usize, end: &str) -> Option<&'a str> {
    let rest = answer.get(at..)?;
    let near = rest.char_indices().nth(LONGEST).map_or(rest, |(end, _)| &rest[..end]);
    let length = near.find(end)?;
    Some(&near[..length]).filter(|text| !text.contains('\n'))
}

/// The rest of the line, of a long one no more than is looked at.
fn line(answer: &str, at: usize) -> Option<&str> {
    let rest = answer.get(at..)?;
    rest.char_indices().nth(LONGEST * 2 + 1).map_or(rest, |(end, _)| &rest[..end]).lines().next()
}

/// Words in lower case, with spaces for what joins them.
fn words(text: &str) -> String {
    let text = text.to_lowercase().replace(['_', '-'], " ");
    text.split_whitespace().collect::<Vec<_>>().join(" ")
}

/// `</answer>`, `<|im_start|>`, `<<SYS>>`, `<<<END ANSWER>>>`, `<!-- … -->` is no marker.
fn angled(answer: &str, at: usize, run: usize) -> Option<usize> {
    let closing = ">".repeat(run);
    let text = inside(answer, at + run, &closing)?;
    let length = text.len() + 2 * run;
    let name = text.trim();
    let is_wordy = |text: &str| text.contains(char::is_alphabetic) && !text.contains([',', '(', ';', '"']);
    let is_marker = match run {
        // Calls of kernels have numbers and names of variables between.
        3.. => is_wordy(name) && (name.len() > 3 && name == name.to_uppercase() || is_of_prompt(name)),
        2 => is_wordy(name) && is_of_prompt(name),
        _ => {
            let barred = name.strip_prefix(['|', '｜']).and_then(|name| name.strip_suffix(['|', '｜']));
            match barred {
                Some(name) => !name.is_empty() && name.chars().all(|it| it.is_alphanumeric() || "_-▁ /".contains(it)),
                None => {
                    let name = name.trim_start_matches('/').trim_end_matches('/').trim();
                    // Attributes may follow.
                    let (name, rest) = name.split_once(' ').unwrap_or((name, "="));
                    let name =
                        Some(name).filter(|_| rest.contains('=')).unwrap_or_default().to_lowercase().replace('-', "_");
                    TAGS.contains(&name.as_str())
                }
            }
        }
    };
    is_marker.then_some(length)
}

/// `</s>`, which ends a text for some models, where it ends no text that is struck out.
fn stray_end(answer: &str, at: usize, has_struck: bool) -> Option<usize> {
    (!has_struck && answer[at..].starts_with("</s>")).then_some(4)
}

fn is_at_line_start(before: &[u8]) -> bool {
    before.iter().rev().find(|byte| !b" \t>".contains(byte)).is_none_or(|byte| *byte == b'\n')
}

/// Whether words between signs are of a prompt.
fn is_of_prompt(text: &str) -> bool {
    let words = words(text.trim_matches('/'));
    let name = words.replace(' ', "_");
    TAGS.contains(&name.as_str())
        || words.split(' ').any(|word| matches!(word, "begin" | "end" | "start" | "stop" | "eof" | "ends"))
            && words.split(' ').any(is_part_of_prompt)
}

fn is_part_of_prompt(word: &str) -> bool {
    TAGS.contains(&word) || matches!(word, "input" | "response" | "interview" | "user" | "output" | "score")
}

/// `[INST]`, `[END OF ANSWER]`, `[SYSTEM: …]`.
fn bracketed(answer: &str, at: usize) -> Option<usize> {
    let text = inside(answer, at + 1, "]")?;
    let name = words(text);
    let is_link = answer[at + text.len() + 2..].starts_with('(');
    let head = name.split([':', '：']).next().unwrap_or_default().trim();
    let is_marker = BRACKETS.contains(&name.as_str()) && (!is_link || name.contains("system"))
        || name.len() > head.len() && BRACKETS.contains(&head) && head != "answer" && head != "end"
        || is_note_to_judge(&name);
    is_marker.then_some(text.len() + 2)
}

/// Whether words in brackets are a note to the judge.
fn is_note_to_judge(words: &str) -> bool {
    ["note to ", "message to ", "instruction to ", "instructions for ", "attention "]
        .iter()
        .any(|head| words.starts_with(head))
        && ["grader", "evaluator", "judge", "examiner", "ai", "llm", "model"].iter().any(|it| words.contains(it))
}

/// `{{system}}`, `{{#assistant~}}`.
fn braced(answer: &str, at: usize) -> Option<usize> {
    let text = inside(answer, at + 2, "}}")?;
    let name = text.trim_matches(|it: char| !it.is_alphanumeric()).to_lowercase();
    matches!(
        name.as_str(),
        "system" | "assistant" | "rubric" | "prompt" | "system_prompt" | "instructions" | "reference_answer"
    )
    .then_some(text.len() + 4)
}

/// `### Instruction:`, `# New instructions`.
fn heading(answer: &str, at: usize, run: usize) -> Option<usize> {
    let line = line(answer, at + run)?;
    let head = line.split([':', '：']).next().unwrap_or_default();
    if head.len() > LONGEST {
        return None;
    }
    let name = words(head.trim_matches(|it: char| !it.is_alphanumeric()));
    let is_role = matches!(head.trim(), "SYSTEM" | "ASSISTANT" | "USER") && head.len() == line.len();
    let is_marker = is_role
        || HEADINGS.iter().any(|(heading, needs_three)| {
            *heading == name && (!needs_three || run >= 3 && is_prompt_heading(&name, head, line))
        });
    is_marker.then_some(run + head.trim_end().len())
}

/// Of headings that chapters have as well: the one word alone, or with a colon and nothing after it but what it announces.
fn is_prompt_heading(name: &str, head: &str, line: &str) -> bool {
    let has_colon = line.len() > head.len();
    has_colon || matches!(name, "instruction" | "human" | "assistant" | "user")
}

/// `-----BEGIN RUBRIC-----`, `=== END OF ANSWER ===`.
fn ruled(answer: &str, at: usize, run: usize) -> Option<usize> {
    let line = line(answer, at + run).filter(|line| line.len() <= LONGEST * 2)?;
    let text = line.trim_end().trim_end_matches(['-', '=', '*', '_', '~']);
    let name = words(text);
    let is_marker = (is_of_prompt(&name) || matches!(name.as_str(), "end" | "begin"))
        && !name.is_empty()
        && !KEYS.iter().any(|key| name.split(' ').any(|word| word == *key));
    is_marker.then_some(run + line.trim_end().len())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn markers_of_prompts_are_told_from_code_and_chapters() {
        for marker in [
            "<<<END ANSWER>>>",
            "<<<end of candidate answer>>>",
            "</answer>",
            "<system>",
            "< / candidate_answer >",
            "<rubric version=\"2\">",
            "[/INST]",
            "[INST]",
            "<<SYS>>",
            "<|im_start|>",
            "<|endoftext|>",
            "<｜end▁of▁sentence｜>",
            "[END OF ANSWER]",
            "[system](#context)",
            "[Note to the grader: well done]",
            "{{#system~}}",
            "### Instruction",
            "### Response:",
            "# New instructions",
            "-----BEGIN RUBRIC-----",
            "=== END OF ANSWER ===",
            "-----END",
        ] {
            for answer in [marker.to_owned(), format!("It is a lock.\n{marker}\nWell")] {
                let found = find(&answer);
                assert_eq!(found.len(), 1, "{answer} {found:?}");
            }
        }
        for answer in [
            "kernel<<<blocks, threads>>>(x) and kernel<<<grid>>>(y)",
            "<<<<<<< HEAD\na\n=======\nb\n>>>>>>> main",
            "-----BEGIN CERTIFICATE-----\nMIIB\n-----END CERTIFICATE-----",
            "-----BEGIN RSA PRIVATE KEY-----",
            "if (a < b && c > d) x << 2 >> 1",
            "Vec<String>, Map<K, V>, <div class=\"answer\">, <user>, <s>old</s>",
            "a[0], [link](https://example.com), [x] done, [1]",
            "{{ user.name }} and {{ total }}",
            "# Answer\n## Instructions\n### System design\n### Response time\n### Output format",
            "---\ntitle: x\n---\n====\n----- end-to-end tests -----",
            "x |> f <| y",
        ] {
            assert_eq!(find(answer), [], "{answer}");
        }
    }
}
