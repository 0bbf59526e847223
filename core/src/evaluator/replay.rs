//! Judging again from what is stored, without asking anybody.

use super::{BuiltinEvaluator, Evaluator, JudgeRequest, Judgement, builtin, panel};
use crate::domain::{Evaluation, EvaluatorInfo, Exchange, PanelInfo};
use crate::error::{Error, ErrorKind, Result};

/// The judgement that an evaluation rests on.
///
/// # Errors
/// `unsupported` where it was made by others than this library's own evaluators, or has no replies.
pub(crate) fn replay(request: &JudgeRequest<'_>, kept: &Evaluation) -> Result<Judgement> {
    match panel::ours(&kept.evaluator) {
        None => match one(request, kept, 0, &kept.evaluator)? {
            judgement if has_basis(request, kept, &judgement) => Ok(judgement),
            _ => Err(Error::new(ErrorKind::Unsupported, "there are no replies to judge again from")),
        },
        Some(PanelInfo { judges, .. }) => {
            // Refused, not absent: nobody knows what an application's own judge would have said.
            if let Some(foreign) = judges.iter().find(|info| !is_known(info)) {
                return Err(unknown(foreign));
            }
            let judged = (0_u32..).zip(judges).map(|(judge, info)| one(request, kept, judge, info)).collect();
            let info = panel::ours(&kept.evaluator).ok_or_else(|| unknown(&kept.evaluator))?;
            panel::combined(request, info, judged)
        }
    }
}

/// Whether a judgement rests on anything that is stored: of a model's, a reply.
fn has_basis(request: &JudgeRequest<'_>, kept: &Evaluation, judgement: &Judgement) -> bool {
    builtin::is_ours(&kept.evaluator)
        || judgement.calls.iter().any(|call| call.failure.is_none())
        || !request.exchanges.iter().any(is_answered)
}

fn is_answered(exchange: &Exchange) -> bool {
    !exchange.answer.trim().is_empty()
}

fn is_known(info: &EvaluatorInfo) -> bool {
    #[cfg(feature = "llm")]
    let judges = super::judge::is_ours(info);
    #[cfg(not(feature = "llm"))]
    let judges = false;
    judges || builtin::is_ours(info)
}

fn one(request: &JudgeRequest<'_>, kept: &Evaluation, judge: u32, info: &EvaluatorInfo) -> Result<Judgement> {
    if builtin::is_ours(info) {
        return BuiltinEvaluator::new().judge(request);
    }
    #[cfg(feature = "llm")]
    if super::judge::is_ours(info) {
        let calls: Vec<_> = kept.calls.iter().filter(|call| call.judge == judge).cloned().collect();
        if calls.is_empty() && request.exchanges.iter().any(is_answered) {
            return Err(Error::new(ErrorKind::Unsupported, "there are no replies to judge again from"));
        }
        return super::judge::judge_again(request, judge, calls);
    }
    let _ = (kept, judge);
    Err(unknown(info))
}

fn unknown(info: &EvaluatorInfo) -> Error {
    let EvaluatorInfo { provider, model, version, .. } = info;
    let words = format!("an evaluation by {provider} {model} {version} cannot be made again by this library");
    Error::new(ErrorKind::Unsupported, words)
}
