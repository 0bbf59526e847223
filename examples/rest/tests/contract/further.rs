//! What goes beyond the core of the contract.

use super::*;

on_every_store! {
    fn of_two_changes_at_once_neither_is_lost(store: &Store) {
        let service = store.service(&[]);
        let plan = json!({"candidate_name": "Ada", "questions": ["Why?"], "interview_type": "general"});
        for round in 0..20 {
            let path = format!("/api/interviews/{}", service.post("/api/interviews", &plan).ok(201)["id"].as_str().unwrap());
            let patch = |body: Value| {
                service.send("PATCH", &path, &[], body.to_string()).ok(200);
            };
            std::thread::scope(|scope| {
                scope.spawn(|| patch(json!({"candidate_name": "Grace"})));
                scope.spawn(|| patch(json!({"job_description": "A ledger."})));
            });
            let now = service.get(&path).ok(200);
            assert_eq!((&now["candidate_name"], &now["job_description"]), (&json!("Grace"), &json!("A ledger.")), "{round}");
        }
    }

    fn a_draft_is_changed_and_deleted_until_it_has_begun(store: &Store) {
        let service = store.service(&[]);
        let path = format!("/api/interviews/{}", interview(&service));
        let patch = |body: Value| service.send("PATCH", &path, &[], body.to_string());
        let changed = patch(json!({"candidate_name": "Grace", "job_description": "A ledger.", "other": 1})).ok(200);
        assert_eq!((&changed["candidate_name"], &changed["job_description"]), (&json!("Grace"), &json!("A ledger.")));
        assert_eq!(changed["questions"], plan()["questions"]);
        let changed = patch(json!({"job_description": null, "questions": ["Who?"], "interview_language": "zh-TW"})).ok(200);
        assert!(changed.get("job_description").is_none() && changed["questions"] == json!(["Who?"]));
        assert_eq!(service.get(&path).ok(200), changed);
        for (body, error) in [
            (json!({"candidate_name": ""}), "Missing candidate_name or questions"),
            (json!({"questions": null}), "Missing candidate_name or questions"),
            (json!({"interview_type": "other"}), "Invalid interview_type. Supported types: general, technical, behavioral"),
            (json!({"interview_language": "fr"}), "Invalid language code. Supported languages: en, zh-TW"),
            (json!({"max_answers": "3"}), "Invalid JSON"),
            (json!([]), "Invalid JSON"),
        ] {
            patch(body).fails(400, error);
        }
        service.post(&format!("{path}/chat/start"), "").ok(201);
        patch(json!({"candidate_name": "Ada"})).fails(400, "Interview has started");
        service.send("DELETE", &path, &[], "").fails(400, "Interview has started");
        let draft = format!("/api/interviews/{}", interview(&service));
        assert_eq!(service.send("DELETE", &draft, &[], "").status, 204);
        service.get(&draft).fails(404, "Interview not found");
        assert_eq!(service.send("DELETE", &draft, &[], "").status, 204, "again");
        service.send("PATCH", &draft, &[], "{}").fails(404, "Interview not found");
    }

    fn sessions_and_evaluations_are_listed_oldest_first(store: &Store) {
        let service = store.service(&[]);
        let path = format!("/api/interviews/{}", interview(&service));
        let start = || service.post(&format!("{path}/chat/start"), "").ok(201);
        let all = [start(), start()];
        let listed = service.get(&format!("{path}/sessions")).ok(200);
        assert_eq!(listed, json!({"sessions": all, "total": 2}));
        assert_eq!((&all[0]["question_count"], &all[0]["max_answers"], &all[0]["interview_type"]), (&json!(2), &json!(8), &json!("technical")));
        let chat = format!("/api/chat/{}", all[0]["id"].as_str().unwrap());
        service.post(&format!("{chat}/message"), json!({"message": "Two threads wait."})).ok(200);
        let first = service.post(&format!("{chat}/end"), "").ok(200);
        let second = service.post(&format!("/api/evaluation/{}/re-evaluate", first["id"].as_str().unwrap()), "").ok(200);
        assert_eq!((&second["supersedes"], &second["score"]), (&first["id"], &first["score"]));
        let listed = service.get(&format!("{path}/evaluations")).ok(200);
        assert_eq!(listed, json!({"evaluations": [first, second], "total": 2}));
        let page = service.get("/api/evaluations?limit=1&status=completed").ok(200);
        assert_eq!(page["evaluations"], json!([second]));
        let next = page["next_cursor"].as_str().unwrap();
        let page = service.get(&format!("/api/evaluations?limit=1&status=completed&cursor={next}")).ok(200);
        assert_eq!(page, json!({"evaluations": [first]}));
        service.get("/api/evaluations?status=x").fails(400, "Invalid status");
        service.get(&format!("/api/interviews/{NOBODY}/sessions")).fails(404, "Interview not found");
        service.get(&format!("/api/interviews/{NOBODY}/evaluations")).fails(404, "Interview not found");
    }

    fn a_session_is_given_up(store: &Store) {
        let service = store.service(&[]);
        let chat = format!("/api/chat/{}", session(&service));
        let given_up = service.post_with_key(&format!("{chat}/abandon"), "key", "").ok(200);
        assert_eq!(given_up["status"], "abandoned");
        assert_eq!(service.post_with_key(&format!("{chat}/abandon"), "key", "").ok(200), given_up);
        service.post(&format!("{chat}/abandon"), "").fails(400, "Chat session is not active");
        service.post(&format!("{chat}/message"), json!({"message": "Hello"})).fails(400, "Chat session is not active");
        service.post(&format!("/api/chat/{NOBODY}/abandon"), "").fails(404, "Chat session not found");
    }

    fn a_person_changes_a_score_with_a_reason(store: &Store) {
        let service = store.service(&[]);
        let body = json!({"interview_id": interview(&service), "answers": {"question_0": "Two threads wait for a lock."}});
        let made = service.post("/api/evaluation", body).ok(200);
        let path = format!("/api/evaluation/{}/override", made["id"].as_str().unwrap());
        let rating = json!({"exchange": 0, "competency": made["ratings"][0]["competency"]});
        let change = json!({"score": 0.9, "reason": "Said it on the phone.", "by": "J. Smith", "rating": rating});
        let changed = service.post_with_key(&path, "key", &change).ok(200);
        assert_eq!(changed["overridden"], json!([change]));
        assert_eq!((&changed["supersedes"], &changed["ratings"][0]["score"]), (&made["id"], &json!(0.9)));
        assert_eq!(service.post_with_key(&path, "key", &change).ok(200), changed);
        assert_eq!(service.post(&path, json!({"score": 0.5, "reason": "Why not."})).status, 409, "superseded");
        let path = format!("/api/evaluation/{}/override", changed["id"].as_str().unwrap());
        for (body, error) in [
            (json!({"score": 2, "reason": "a"}), "score is not within 0 to 1"),
            (json!({"score": 1, "reason": " "}), "reason is empty"),
            (json!({"score": "1", "reason": "a"}), "Invalid JSON"),
            (json!({"score": 1}), "Invalid JSON"),
        ] {
            service.post(&path, body).fails(400, error);
        }
        service.post(&format!("/api/evaluation/{NOBODY}/override"), json!({"score": 1, "reason": "a"})).fails(404, "Evaluation not found");
        service.post(&format!("/api/evaluation/{NOBODY}/re-evaluate"), "").fails(404, "Evaluation not found");
    }

    fn an_evaluation_is_left_to_a_worker(store: &Store) {
        let service = store.service(&[]);
        let path = format!("/api/interviews/{}", interview(&service));
        let session = service.post(&format!("{path}/chat/start"), "").ok(201)["id"].clone();
        let chat = format!("/api/chat/{}", session.as_str().unwrap());
        service.post(&format!("{chat}/message"), json!({"message": "Two threads wait."})).ok(200);
        let evaluations = format!("{path}/evaluations");
        for body in [json!({"session_id": session}), json!({"answers": {"question_0": "Two threads wait."}})] {
            let asked = service.post_with_key(&evaluations, &body.to_string(), &body);
            assert_eq!((asked.status, asked.header("retry-after")), (202, Some("1")));
            let place = asked.header("location").unwrap().to_owned();
            let deadline = std::time::Instant::now() + std::time::Duration::from_secs(30);
            let made = loop {
                let made = service.get(&place).ok(200);
                if made["status"] == "completed" {
                    break made;
                }
                assert!(std::time::Instant::now() < deadline, "{made}");
                std::thread::sleep(std::time::Duration::from_millis(10));
            };
            assert!(made["score"].as_f64().unwrap() > 0.0 && made["id"] == asked.json()["id"]);
            assert_eq!(service.post_with_key(&evaluations, &body.to_string(), &body).ok(202)["id"], made["id"]);
        }
        assert_eq!(service.get(&chat).ok(200)["status"], "completed");
        service.post(&evaluations, "{}").fails(400, "Missing session_id or answers");
        let both = json!({"session_id": session, "answers": {"question_0": "a"}});
        service.post(&evaluations, both).fails(400, "Give session_id or answers, not both");
        service.post(&evaluations, json!({"session_id": NOBODY})).fails(404, "Chat session not found");
        let other = format!("/api/interviews/{}/evaluations", super::interview(&service));
        service.post(&other, json!({"session_id": session})).fails(404, "Chat session not found");
        let nobody = format!("/api/interviews/{NOBODY}/evaluations");
        service.post(&nobody, json!({"session_id": session})).fails(404, "Interview not found");
    }

    fn without_workers_an_evaluation_waits(store: &Store) {
        let service = store.service(&["--workers", "0"]);
        let path = format!("/api/interviews/{}/evaluations", interview(&service));
        let asked = service.post(&path, json!({"answers": {"question_0": "Two threads wait."}})).ok(202);
        assert_eq!((&asked["status"], &asked["score"]), (&json!("pending"), &Value::Null));
    }

    fn a_scorecard_is_read_in_three_forms(store: &Store) {
        let service = store.service(&[]);
        let mut plan = plan();
        plan["candidate_name"] = json!("<script>alert(1)</script>");
        let interview = service.post("/api/interviews", plan).ok(201)["id"].clone();
        let answer = "Two threads <img src=x onerror=alert(1)> wait for a lock.";
        let made = service.post("/api/evaluation", json!({"interview_id": interview, "answers": {"question_0": answer}})).ok(200);
        let path = format!("/api/evaluation/{}/scorecard", made["id"].as_str().unwrap());
        let document = service.get(&format!("{path}.json")).ok(200);
        assert_eq!((&document["schema"], &document["evaluation"]["id"]), (&json!(1), &made["id"]));
        let page = service.get(&format!("{path}.html"));
        assert!(page.text().contains("&lt;script&gt;") && !page.text().contains("<script") && !page.text().contains("<img"));
        let policy = page.header("content-security-policy").unwrap();
        assert!(policy.starts_with("default-src 'none'") && policy.contains("sandbox"), "{policy}");
        assert_eq!(page.header("content-type"), Some("text/html; charset=utf-8"));
        let markdown = service.get(&format!("{path}.md"));
        assert!(markdown.header("content-type") == Some("text/markdown; charset=utf-8") && markdown.text().contains("# "));
        for form in ["json", "html", "md"] {
            service.get(&format!("/api/evaluation/{NOBODY}/scorecard.{form}")).fails(404, "Evaluation not found");
        }
    }

    fn what_is_erased_is_gone_and_the_log_still_verifies(store: &Store) {
        let service = store.service(&[]);
        let mut plan = plan();
        plan["external_id"] = json!("candidate-7");
        let ids: Vec<String> = (0..2).map(|_| service.post("/api/interviews", &plan).ok(201)["id"].as_str().unwrap().to_owned()).collect();
        let session = service.post(&format!("/api/interviews/{}/chat/start", ids[0]), "").ok(201)["id"].as_str().unwrap().to_owned();
        let said = json!({"message": "canary"});
        service.post_with_key(&format!("/api/chat/{session}/message"), "key", &said).ok(200);
        let audit = format!("/api/interviews/{}/audit", ids[0]);
        let before = service.get(&audit).ok(200);
        assert_eq!((&before["verified"], &before["tail_checked"], &before["erased"]), (&json!(true), &json!(false), &json!(0)));
        let head = before["head"].as_str().unwrap();
        let erase = format!("/api/interviews/{}/erase", ids[0]);
        assert_eq!(service.post_with_key(&erase, "key", json!({"requested_by": "DPO"})).status, 204);
        assert_eq!(service.post_with_key(&erase, "key", json!({"requested_by": "DPO"})).status, 204);
        service.get(&format!("/api/interviews/{}", ids[0])).fails(404, "Interview not found");
        service.get(&format!("/api/chat/{session}")).fails(404, "Chat session not found");
        service.post_with_key(&format!("/api/chat/{session}/message"), "key", &said).fails(404, "Chat session not found");
        let after = service.get(&format!("{audit}?head={head}")).ok(200);
        assert_eq!((&after["verified"], &after["tail_checked"]), (&json!(true), &json!(true)));
        assert!(after["erased"].as_u64().unwrap() > 0);
        service.get(&format!("{audit}?head=x")).fails(400, "Invalid head");
        let candidate = json!({"external_id": "candidate-7"});
        let erased = service.post_with_key("/api/candidates/erase", "key", &candidate).ok(200);
        assert_eq!(erased, json!({"interviews": [ids[1]]}));
        assert_eq!(service.post_with_key("/api/candidates/erase", "key", &candidate).ok(200), erased);
        service.post("/api/candidates/erase", &candidate).fails(404, "Interview not found");
        service.post(&format!("/api/interviews/{NOBODY}/erase"), "").fails(404, "Interview not found");
    }

    fn questions_are_made_for_a_plan(store: &Store) {
        let service = store.service(&[]);
        let wanted = json!({"interview_type": "technical", "count": 3, "level": "senior", "job_description": "PostgreSQL"});
        let made = service.post("/api/questions", &wanted).ok(200);
        let questions = made["questions"].as_array().unwrap();
        assert!(questions.len() == 3 && questions.iter().all(|it| it["text"].is_string() && it["competency"].is_string()));
        let mut plan = plan();
        plan["questions"] = made["questions"].clone();
        assert_eq!(service.post("/api/interviews", plan).ok(201)["question_details"], made["questions"]);
        assert_eq!(service.post("/api/questions", json!({"interview_type": "general"})).ok(200)["questions"].as_array().unwrap().len(), 5);
        for (body, error) in [
            (json!({}), "Missing interview_type field"),
            (json!({"interview_type": "x"}), "Invalid interview_type. Supported types: general, technical, behavioral"),
            (json!({"interview_type": "general", "count": 21}), "count: 21 given, 1 to 20 allowed"),
            (json!({"interview_type": "general", "level": "x"}), "Invalid level. Known: junior, mid, senior"),
            (json!({"interview_type": "general", "count": "3"}), "Invalid JSON"),
        ] {
            service.post("/api/questions", body).fails(400, error);
        }
    }

    fn raters_agree_as_far_as_they_do(store: &Store) {
        let service = store.service(&[]);
        let scores = json!([
            {"name": "Ada", "scores": [1, 2, 3, 4, 5]},
            {"name": "model", "scores": [2, 2, 4, null, 5], "ignored": 1},
            {"name": "王小明", "scores": [1, 3, 2, 5, 4]},
        ]);
        let request = json!({"raters": scores, "resamples": 200.0, "seed": 3, "ignored": {}});
        let found = service.post_with_key("/api/agreement", "key", &request).ok(200);
        assert_eq!((&found["raters"], &found["items"], &found["complete_items"]), (&json!(["Ada", "model", "王小明"]), &json!(5), &json!(4)));
        let pair = &found["pairs"][0];
        assert_eq!((&pair["first"], &pair["second"], &pair["items"]), (&json!("Ada"), &json!("model"), &json!(4)));
        assert_eq!(pair["bias"]["value"], json!(-0.5));
        let kendall = &found["pairs"][1]["kendall"];
        assert!((kendall["value"].as_f64().unwrap() - 0.6).abs() < 1e-12);
        assert!(kendall["low"].as_f64().unwrap() <= 0.6 && kendall["high"].as_f64().unwrap() >= 0.6);
        assert!(found["icc_2_1"]["value"].is_number() && found["krippendorff_alpha"]["value"].is_number());
        assert_eq!(service.post_with_key("/api/agreement", "key", &request).ok(200), found);
        assert_eq!(service.post("/api/agreement", &request).ok(200), found);
        let other = json!({"raters": scores, "seed": 4});
        service.post_with_key("/api/agreement", "key", &other).fails(409, "the idempotency key was used for another request");

        let same = json!({"raters": [{"name": "a", "scores": [1, 1, 1]}, {"name": "b", "scores": [1, 1, 1]}]});
        let undefined = service.post("/api/agreement", &same).ok(200);
        assert!(undefined.get("icc_2_1").is_none() && undefined["pairs"][0].get("pearson").is_none());

        let of = |scores: Value| json!({"raters": [{"name": "a", "scores": [1, 2, 3]}, {"name": "b", "scores": scores}]});
        for (body, error) in [
            (json!({}), "raters: 0 given, 2 to 50 allowed"),
            (json!({"raters": [{"name": "a", "scores": [1]}]}), "raters: 1 given, 2 to 50 allowed"),
            (of(json!([1, 2])), "raters[1].scores: 2 given, 3 of raters[0]"),
            (of(json!([1, 2, 1e10])), "raters[1].scores[2] is not within -1000000000 to 1000000000"),
            (json!({"raters": scores, "levels": 5}), "raters[0].scores[1] is not within 0 to 1, which levels are for"),
            (json!({"raters": scores, "resamples": 10_001}), "resamples: 10001 given, 0 to 10000 allowed for 3 pairs of 5 items"),
            (of(json!([1, 2, "canary"])), "Invalid JSON"),
            (json!({"raters": scores, "seed": -1}), "Invalid JSON"),
            (json!({"raters": scores, "seed": 0.5}), "Invalid JSON"),
        ] {
            // A key whose request failed is free.
            service.post_with_key("/api/agreement", "other", body).fails(400, error);
        }
    }

    fn graders_teach_the_evaluator(store: &Store) {
        let service = store.service(&[]);
        let question = json!({"text": "What is a deadlock?", "reference_answer": "Threads hold locks and wait for each other, so that none goes on."});
        let graded = |score: f64, count: usize| -> Vec<Value> {
            let answers = ["Threads hold locks and wait.", "None of them goes on.", "When it is slow."];
            (0..count).map(|at| json!({"question": question, "answer": answers[at % 3], "score": if at % 3 == 2 { 0.0 } else { score }})).collect()
        };
        let request = json!({"name": "threads", "graded": graded(0.3, 10), "ignored": 1});
        let learned = service.post_with_key("/api/calibrations", "key", &request).ok(201);
        assert_eq!((&learned["name"], &learned["version"], &learned["answers"]), (&json!("threads"), &json!(1), &json!(10)));
        assert!(learned["after"]["rmse"].as_f64() < learned["before"]["rmse"].as_f64(), "{learned}");
        assert_eq!(service.post_with_key("/api/calibrations", "key", &request).ok(201), learned);
        assert_eq!(service.post("/api/calibrations", &request).ok(201), learned);
        let lenient = json!({"name": "threads", "graded": graded(1.0, 10)});
        service.post_with_key("/api/calibrations", "key", &lenient).fails(409, "the idempotency key was used for another request");
        let newest = service.post("/api/calibrations", &lenient).ok(201);
        assert_eq!(newest["version"], json!(2));
        assert_eq!(service.get("/api/calibrations").ok(200), json!({"calibrations": [learned, newest], "total": 2}));
        assert_eq!(service.get("/api/calibrations/threads").ok(200), newest);
        assert_eq!(service.get("/api/calibrations/threads@1").ok(200), learned);
        for path in ["locks", "threads@3", "a@b@c", "%20", "%ff"] {
            service.get(&format!("/api/calibrations/{path}")).fails(404, "Calibration not found");
        }

        let mut plan = json!({"candidate_name": "Ada", "interview_type": "general", "questions": [question], "calibration": "threads@1"});
        plan["questions"][0]["key_points"] = json!(["threads wait for each other", "timeouts"]);
        let interview = service.post("/api/interviews", &plan).ok(201);
        assert_eq!(interview["calibration"], "threads@1");
        let evaluate = |id: &Value| {
            let answers = json!({"interview_id": id, "answers": {"question_0": "Threads wait for each other. It is like that."}});
            service.post("/api/evaluation", answers).ok(200)
        };
        let points = evaluate(&interview["id"]);
        // With key points it is another question, of which nobody has graded an answer.
        assert!(points.get("calibration").is_none(), "{points}");
        let found: Vec<(&Value, &Value)> = points["key_points"].as_array().unwrap().iter().map(|it| (&it["text"], &it["coverage"])).collect();
        assert_eq!(found, [(&json!("threads wait for each other"), &json!("covered")), (&json!("timeouts"), &json!("missing"))]);
        assert_eq!(points["key_points"][0]["quotes"], json!([{"start": 0, "end": 28, "text": "Threads wait for each other."}]));
        plan["questions"] = json!([question]);
        let strict = service.post("/api/interviews", &plan).ok(201);
        let strict = evaluate(&strict["id"]);
        plan["calibration"] = Value::Null;
        let draft = service.post("/api/interviews", &plan).ok(201);
        assert!(draft.get("calibration").is_none());
        let path = format!("/api/interviews/{}", draft["id"].as_str().unwrap());
        let changed = service.send("PATCH", &path, &[], json!({"calibration": "threads"}).to_string()).ok(200);
        assert_eq!(changed["calibration"], "threads");
        let lenient = evaluate(&draft["id"]);
        assert_eq!((&strict["calibration"], &lenient["calibration"]), (&json!("threads@1"), &json!("threads@2")));
        assert!(strict["score"].as_f64().unwrap() + 0.1 < lenient["score"].as_f64().unwrap(), "{strict} {lenient}");
        plan["calibration"] = json!("locks");
        service.post("/api/interviews", &plan).fails(400, "calibration: there is no calibration of this name and version");

        for (body, error) in [
            (json!({}), "Missing name or graded"),
            (json!({"name": "n"}), "Missing name or graded"),
            (json!({"name": "a@b", "graded": graded(0.5, 10)}), "name has a @, which stands before a calibration's version"),
            (json!({"name": "n", "graded": graded(0.5, 9)}), "9 graded answers, of which 9 say something: 10 to one question are needed, or 50 in all, and half of them have to say something"),
            (json!({"name": "n", "graded": graded(1.5, 10)}), "graded answer 0: score is not within 0 to 1"),
            (json!({"name": "n", "graded": graded(0.5, 10), "interview_type": "x"}), "Invalid interview_type. Supported types: general, technical, behavioral"),
            (json!({"name": "n", "graded": "canary"}), "Invalid JSON"),
        ] {
            service.post("/api/calibrations", body).fails(400, error);
        }
    }

    fn everything_is_exported_page_after_page(store: &Store) {
        let service = store.service(&[]);
        let mut plan = plan();
        for number in 0..250 {
            plan["candidate_name"] = json!(format!("=Candidate, \"{number}\""));
            service.post("/api/interviews", &plan).ok(201);
        }
        let lines = service.get("/api/export/interviews.jsonl?sort_order=asc&limit=1");
        assert_eq!((lines.status, lines.header("content-type")), (200, Some("application/jsonl")));
        let read: Vec<Value> = lines.text().lines().map(|line| serde_json::from_str(line).unwrap()).collect();
        assert!(read.len() == 250 && read[7]["candidate_name"] == "=Candidate, \"7\"");
        let table = service.get("/api/export/interviews.csv?candidate_name=%227%22");
        let text = table.text();
        let rows: Vec<&str> = text.split("\r\n").collect();
        assert!(rows[0].starts_with("id,candidate_name,") && rows[1].contains("\"'=Candidate, \"\"7\"\"\""), "{text}");
        let body = json!({"interview_id": read[0]["id"], "answers": {"question_0": "Two threads wait."}});
        let made = service.post("/api/evaluation", body).ok(200);
        let lines = service.get("/api/export/evaluations.jsonl?status=completed").text();
        assert_eq!(serde_json::from_str::<Value>(lines.trim_end()).unwrap(), made);
        assert_eq!(service.get("/api/export/evaluations.csv").text().lines().count(), 2);
        assert_eq!(service.get("/api/export/evaluations.jsonl?status=failed").text(), "");
        service.get("/api/export/interviews.csv?status=x").fails(400, "Invalid status");
    }
}
