//! Lists of interviews.

use super::*;

fn named(service: &Service, name: &str) -> Value {
    let mut plan = plan();
    plan["candidate_name"] = json!(name);
    service.post("/api/interviews", plan).ok(201)
}

fn names(list: &Value) -> Vec<&str> {
    list["interviews"].as_array().unwrap().iter().map(|each| each["candidate_name"].as_str().unwrap()).collect()
}

on_every_store! {
    fn lists_are_filtered_sorted_and_paged(store: &Store) {
        let service = store.service(&[]);
        for name in ["Ada", "Grace", "100% Barbara", "a_b", "ÉMILIE"] {
            named(&service, name);
        }
        let list = |query: &str| service.get(&format!("/api/interviews{query}")).ok(200);
        let today = chrono::Utc::now().date_naive();
        let tomorrow = today.succ_opt().unwrap();
        for (query, expected, total) in [
            (String::new(), vec!["ÉMILIE", "a_b", "100% Barbara", "Grace", "Ada"], 5),
            ("?sort_order=asc&limit=2".into(), vec!["Ada", "Grace"], 5),
            ("?sort_order=asc&limit=2&page=2".into(), vec!["100% Barbara", "a_b"], 5),
            ("?sort_order=asc&limit=2&offset=3".into(), vec!["a_b", "ÉMILIE"], 5),
            ("?sort_by=name&sort_order=asc&limit=2".into(), vec!["100% Barbara", "a_b"], 5),
            ("?candidate_name=%25".into(), vec!["100% Barbara"], 1),
            ("?candidate_name=_".into(), vec!["a_b"], 1),
            ("?candidate_name=GRA".into(), vec!["Grace"], 1),
            ("?candidate_name=%C3%A9milie".into(), vec!["ÉMILIE"], 1),
            ("?candidate_name=nobody".into(), vec![], 0),
            ("?status=completed".into(), vec![], 0),
            ("?status=pending&limit=1".into(), vec!["ÉMILIE"], 5),
            (format!("?date_from={today}&date_to={tomorrow}&limit=1"), vec!["ÉMILIE"], 5),
            (format!("?date_from={tomorrow}"), vec![], 0),
            ("?status=&candidate_name=&limit=&sort_by=".into(), vec!["ÉMILIE", "a_b", "100% Barbara", "Grace", "Ada"], 5),
            ("?other=1&limit=1".into(), vec!["ÉMILIE"], 5),
        ] {
            let told = list(&query);
            assert_eq!((names(&told), &told["total"]), (expected, &json!(total)), "{query}");
        }
    }

    fn a_cursor_reads_to_the_end_and_leaves_the_total_out(store: &Store) {
        let service = store.service(&[]);
        let all: Vec<String> = (0..7).map(|number| format!("Candidate {number}")).collect();
        all.iter().for_each(|name| drop(named(&service, name)));
        let first = service.get("/api/interviews?limit=3&sort_order=asc").ok(200);
        let mut read: Vec<String> = names(&first).into_iter().map(str::to_owned).collect();
        let mut cursor = first["next_cursor"].as_str().map(str::to_owned);
        while let Some(at) = cursor {
            let page = service.get(&format!("/api/interviews?limit=3&sort_order=asc&cursor={at}")).ok(200);
            assert!(page.get("total").is_none());
            read.extend(names(&page).into_iter().map(str::to_owned));
            cursor = page["next_cursor"].as_str().map(str::to_owned);
        }
        assert_eq!(read, all);
    }

    fn a_parameter_that_is_not_of_its_type_is_refused(store: &Store) {
        let service = store.service(&[]);
        for name in ["limit", "offset", "page", "status", "date_from", "date_to", "sort_by", "sort_order"] {
            service.get(&format!("/api/interviews?{name}=x")).fails(400, &format!("Invalid {name}"));
        }
        for (query, error) in [
            ("limit=0", "limit: 0 given, 1 to 100 allowed"),
            ("limit=101", "limit: 101 given, 1 to 100 allowed"),
            ("limit=-1", "Invalid limit"),
            ("limit=1.5", "Invalid limit"),
            ("page=0", "Invalid page"),
            ("offset=-1", "Invalid offset"),
            ("date_from=2026-02-30", "Invalid date_from"),
            ("date_to=2026-01-01T00:00:00Z", "Invalid date_to"),
            ("sort_by=id", "Invalid sort_by"),
            ("cursor=x", "cursor is not one that a page of this list returned"),
            ("limit=1&limit=2", "Invalid query parameters"),
        ] {
            service.get(&format!("/api/interviews?{query}")).fails(400, error);
        }
        service.get("/api/interviews?limit=100").ok(200);
    }
}
