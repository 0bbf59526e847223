/**
 * What the service sends and takes, as far as the page uses it.
 *
 * @typedef {'general' | 'technical' | 'behavioral'} InterviewType
 * @typedef {'en' | 'zh-TW'} Language
 * @typedef {'pending' | 'in_progress' | 'completed'} InterviewStatus
 *
 * @typedef {object} Question
 * @property {string} text
 * @property {string} [competency]
 * @property {string} [reference_answer]
 * @property {string[]} [key_points]
 * @property {number} [weight]
 * @property {number} [time_limit]
 * @property {string[]} [follow_ups]
 *
 * @typedef {object} Rubric
 * @property {{name: string}[]} competencies
 *
 * @typedef {object} Interview
 * @property {string} id
 * @property {string} candidate_name
 * @property {string[]} questions
 * @property {Question[]} [question_details]
 * @property {InterviewType} interview_type
 * @property {Language} interview_language
 * @property {string} [job_description]
 * @property {string} [resume]
 * @property {Rubric} [rubric]
 * @property {number} [max_answers]
 * @property {InterviewStatus} status
 * @property {string} created_at
 * @property {string} updated_at
 *
 * @typedef {object} InterviewPage
 * @property {Interview[]} interviews
 * @property {number} [total]
 * @property {string} [next_cursor]
 *
 * @typedef {object} Message
 * @property {string} id
 * @property {'ai' | 'user'} type
 * @property {string} content
 * @property {string} timestamp
 * @property {number} [number]
 * @property {string} [kind]
 *
 * @typedef {object} Session
 * @property {string} id
 * @property {string} interview_id
 * @property {Language} session_language
 * @property {Message[]} messages
 * @property {'active' | 'completed' | 'abandoned'} status
 * @property {string} started_at
 * @property {string} created_at
 * @property {string} [ended_at]
 * @property {number} [max_answers]
 * @property {InterviewType} [interview_type]
 *
 * @typedef {object} Quote
 * @property {number} start  in Unicode scalar values
 * @property {number} end
 * @property {string} text
 *
 * @typedef {object} Rating
 * @property {number} exchange
 * @property {string} competency
 * @property {number} score
 * @property {string} basis
 * @property {number} confidence
 * @property {Quote[]} quotes
 * @property {string} reason
 * @property {number} [spread]
 *
 * @typedef {object} KeyPoint
 * @property {number} exchange
 * @property {string} text
 * @property {string} coverage
 * @property {Quote[]} quotes
 *
 * @typedef {object} Exchange
 * @property {number | null} question
 * @property {string} question_text
 * @property {boolean} probe
 * @property {string} answer
 *
 * @typedef {object} Override
 * @property {string} by
 * @property {string} reason
 * @property {number} score
 * @property {{exchange: number, competency: string}} [rating]
 *
 * @typedef {object} Evaluator
 * @property {string} provider
 * @property {string} model
 * @property {string} version
 * @property {{judges: Evaluator[], combine: string, disagreement: number}} [panel]
 *
 * @typedef {object} ModelCall
 * @property {string} model
 * @property {{input: number, output: number}} tokens
 *
 * @typedef {'pending' | 'running' | 'completed' | 'partial' | 'failed'} EvaluationStatus
 *
 * @typedef {object} Evaluation
 * @property {string} id
 * @property {string} interview_id
 * @property {string | null} [session_id]
 * @property {EvaluationStatus} status
 * @property {number | null} score
 * @property {string} feedback
 * @property {Language} language
 * @property {Exchange[]} exchanges
 * @property {Rating[]} ratings
 * @property {{competency: string, score: number, weight: number, ratings: number}[]} competencies
 * @property {string[]} strengths
 * @property {string[]} weaknesses
 * @property {string[]} recommendations
 * @property {number[]} unanswered
 * @property {string} unanswered_policy
 * @property {string[]} needs_review
 * @property {string | null} [failure]
 * @property {Evaluator} evaluator
 * @property {string} rubric_hash
 * @property {string} created_at
 * @property {string | null} [completed_at]
 * @property {string} [supersedes]
 * @property {Override[]} [overridden]
 * @property {{exchange: number, competency?: string, reason: string}[]} [missing]
 * @property {{exchange: number, kind: string, span: Quote}[]} [flags]
 * @property {KeyPoint[]} [key_points]
 * @property {string | null} [calibration]
 * @property {ModelCall[]} [calls]
 *
 * @typedef {object} Scorecard
 * @property {{id: string, candidate_name: string, interview_type: InterviewType, questions: Question[], created_at: string}} interview
 * @property {Evaluation} evaluation
 *
 * @typedef {object} Access
 * @property {'administrator' | 'interviewer' | 'candidate'} role
 * @property {boolean} tokens
 * @property {boolean} invites
 * @property {string} [session_id]
 * @property {string} [name]
 *
 * @typedef {object} LiveEvent
 * @property {number} [seq]
 * @property {string} type
 * @property {string} time
 * @property {Message} [message]
 * @property {string} [status]
 * @property {string} [text]
 * @property {number} [turn]
 * @property {boolean} [again]
 * @property {boolean} [active]
 * @property {string} [evaluation_id]
 *
 * What a page is given, and gives.
 * @typedef {object} Visit
 * @property {string[]} params  the parts of the address that the route leaves open
 * @property {URLSearchParams} query
 * @property {AbortSignal} signal  fires when the reader leaves the page
 * @property {Access} access
 * @property {boolean} first  whether the reader's visit begins with this page
 *
 * @typedef {object} View
 * @property {string} title
 * @property {Node} content
 */
export {};
