//! Files that are not open, configuration, watched files, progress, pulled diagnostics of the workspace.

use super::*;
use std::fs;

#[test]
fn closed_files_have_diagnostics_that_follow_the_disk() {
    let (dir, root) = folder(&[
        ("a.js", LEAK),
        ("node_modules/b.js", LEAK),
        ("c.js", "f()\n"),
    ]);
    let watch = json!({"workspace": {"didChangeWatchedFiles": {"dynamicRegistration": true}}});
    let mut client = Client::start(json!({"rootUri": root, "capabilities": watch}));
    let registered = client.wait("a registration", |m| {
        m["method"] == "client/registerCapability"
    });
    assert_eq!(
        registered["params"]["registrations"][0]["method"],
        "workspace/didChangeWatchedFiles"
    );
    let (a, c) = (format!("{root}/a.js"), format!("{root}/c.js"));
    assert_eq!(client.published_closed(&a).len(), 1);
    // An open text goes before that on disk, until it is closed.
    client.open(&a, 1, "f()\n");
    assert_eq!(client.published(&a, 1).len(), 0);
    client.notify("textDocument/didClose", json!({"textDocument": {"uri": a}}));
    assert_eq!(client.published_closed(&a).len(), 0, "at once");
    assert_eq!(client.published_closed(&a).len(), 1, "as on disk");
    let tell = |client: &mut Client, uri: &str, kind: u64| {
        let changes = json!([{"uri": uri, "type": kind}]);
        client.notify(
            "workspace/didChangeWatchedFiles",
            json!({"changes": changes}),
        );
    };
    fs::write(dir.path().join("c.js"), LEAK.repeat(2)).unwrap();
    tell(&mut client, &c, 2);
    assert_ne!(client.published_closed(&c).len(), 0);
    fs::remove_file(dir.path().join("a.js")).unwrap();
    tell(&mut client, &a, 3);
    assert_eq!(client.published_closed(&a).len(), 0);
    fs::create_dir(dir.path().join("new")).unwrap();
    fs::write(dir.path().join("new/d.js"), LEAK).unwrap();
    tell(&mut client, &format!("{root}/new/d.js"), 1);
    assert_eq!(
        client.published_closed(&format!("{root}/new/d.js")).len(),
        1
    );
    fs::remove_dir_all(dir.path().join("new")).unwrap();
    tell(&mut client, &format!("{root}/new"), 3);
    assert_eq!(
        client.published_closed(&format!("{root}/new/d.js")).len(),
        0
    );
    let rest = client.drain(Duration::from_millis(200));
    assert!(
        !rest.iter().any(|m| m.to_string().contains("node_modules")),
        "{rest:?}"
    );
}

#[test]
fn configuration_files_count_and_a_broken_one_is_shown() {
    let (dir, root) = folder(&[
        ("a.js", LEAK),
        ("minivet.toml", "ignore = [\"transport\"]\n"),
        ("sub/minivet.toml", ""),
        ("sub/b.js", LEAK),
    ]);
    let mut client = Client::start(json!({"rootUri": root, "capabilities": {}}));
    let (a, b, toml) = (
        format!("{root}/a.js"),
        format!("{root}/sub/b.js"),
        format!("{root}/minivet.toml"),
    );
    assert_eq!(
        client.published_closed(&b).len(),
        1,
        "the nearest configuration counts"
    );
    client.open(&a, 1, LEAK);
    assert_eq!(client.published(&a, 1).len(), 0);
    let tell = |client: &mut Client| {
        let changes = json!([{"uri": toml, "type": 2}]);
        client.notify(
            "workspace/didChangeWatchedFiles",
            json!({"changes": changes}),
        );
    };
    fs::write(dir.path().join("minivet.toml"), "\nignor = [\"号\"]\n").unwrap();
    tell(&mut client);
    assert_eq!(
        client.published(&a, 1).len(),
        1,
        "a broken configuration is none"
    );
    let shown = client.published_closed(&toml);
    assert_eq!(shown[0]["range"], at(1, 0, 13));
    assert!(
        shown[0]["message"].as_str().unwrap().contains("`ignore`"),
        "{shown:?}"
    );
    let said = client.wait("a message", |m| m["method"] == "window/showMessage");
    assert!(
        said["params"]["message"]
            .as_str()
            .unwrap()
            .contains("minivet.toml:2"),
        "{said}"
    );
    fs::write(
        dir.path().join("minivet.toml"),
        "ignore = [\"transport\"]\n",
    )
    .unwrap();
    tell(&mut client);
    assert_eq!(client.published(&a, 1).len(), 0);
    while !client.published_closed(&toml).is_empty() {}
    let rest = client.drain(Duration::from_millis(200));
    assert!(
        !rest.iter().any(|m| m["method"] == "window/showMessage"),
        "said once: {rest:?}"
    );
}

#[test]
fn settings_come_at_the_start_by_notification_and_by_request() {
    let uri = "file:///a.js";
    let off = json!({"ignore": ["transport"]});
    let mut client = Client::start(json!({"initializationOptions": off}));
    client.open(uri, 1, LEAK);
    assert_eq!(client.published(uri, 1).len(), 0);
    for settings in [
        json!(null),
        json!({"minivet": {"ignore": 7, "lang": "zh-CN"}}),
    ] {
        client.notify(
            "workspace/didChangeConfiguration",
            json!({"settings": settings}),
        );
    }
    let found = client.published(uri, 1);
    let found = if found.is_empty() {
        client.published(uri, 1)
    } else {
        found
    };
    assert_eq!(found.len(), 1);
    client.wait("a complaint", |m| m["method"] == "window/showMessage");
    // Asked for.
    let (_dir, root) = folder(&[("a.js", LEAK)]);
    let mut client = Client::spawn();
    client.settings = off;
    client.request(
        "initialize",
        json!({"rootUri": root, "capabilities": {"workspace": {"configuration": true}}}),
    );
    client.notify("initialized", json!({}));
    client.wait("a question", |m| m["method"] == "workspace/configuration");
    let a = format!("{root}/a.js");
    client.open(&a, 1, LEAK);
    while !client.published(&a, 1).is_empty() {}
}

#[test]
fn the_first_pass_shows_its_progress() {
    let (_dir, root) = folder(&[("a.js", LEAK)]);
    let window = json!({"window": {"workDoneProgress": true}});
    let mut client = Client::start(
        json!({"workspaceFolders": [{"uri": root, "name": "a"}], "capabilities": window}),
    );
    for kind in ["begin", "end"] {
        client.wait(kind, |m| {
            m["method"] == "$/progress" && m["params"]["value"]["kind"] == kind
        });
    }
    let log = client.wait("a log line", |m| {
        m["method"] == "window/logMessage" && m["params"]["message"].to_string().contains("1 files")
    });
    assert_eq!(log["params"]["type"], 3);
}

#[test]
fn a_pulling_client_is_told_of_all_files_and_of_what_is_news() {
    let (dir, root) = folder(&[("a.js", LEAK), ("b.js", LEAK), ("c.js", "f()\n")]);
    let mut client = Client::start(json!({"rootUri": root, "capabilities": pulling()}));
    let all = client.result("workspace/diagnostic", json!({"previousResultIds": []}));
    let all = all["items"].as_array().unwrap().clone();
    assert_eq!(all.len(), 2, "{all:?}");
    assert!(
        all.iter()
            .all(|i| i["kind"] == "full" && i["version"].is_null())
    );
    let previous: Vec<Value> = all
        .iter()
        .map(|i| json!({"uri": i["uri"], "value": i["resultId"]}))
        .collect();
    let again = client.result(
        "workspace/diagnostic",
        json!({"previousResultIds": previous}),
    );
    assert!(
        again["items"]
            .as_array()
            .unwrap()
            .iter()
            .all(|i| i["kind"] == "unchanged"),
        "{again}"
    );
    // One document, asked for twice.
    let (a, b) = (format!("{root}/a.js"), format!("{root}/b.js"));
    client.open(&a, 1, LEAK);
    let ask = |client: &mut Client, id: Value| {
        client.result(
            "textDocument/diagnostic",
            json!({"textDocument": {"uri": a}, "previousResultId": id}),
        )
    };
    let first = ask(&mut client, Value::Null);
    assert_eq!(
        (
            first["kind"].clone(),
            first["items"].as_array().unwrap().len()
        ),
        (json!("full"), 1)
    );
    let second = ask(&mut client, first["resultId"].clone());
    assert_eq!(second["kind"], "unchanged");
    // Another file changes on disk: the client is asked to ask, and hears of it beside its own document.
    fs::write(dir.path().join("b.js"), "f()\n").unwrap();
    client.notify(
        "workspace/didChangeWatchedFiles",
        json!({"changes": [{"uri": b, "type": 2}]}),
    );
    client.wait("a refresh", |m| {
        m["method"] == "workspace/diagnostic/refresh"
    });
    let third = ask(&mut client, first["resultId"].clone());
    assert_eq!(third["kind"], "unchanged");
    assert_eq!(third["relatedDocuments"][&b]["items"], json!([]), "{third}");
    let rest = client.drain(Duration::from_millis(200));
    assert!(
        !rest
            .iter()
            .any(|m| m["method"] == "textDocument/publishDiagnostics"),
        "{rest:?}"
    );
}

#[test]
fn folders_come_and_go() {
    let (_one, first) = folder(&[("a.js", LEAK)]);
    let (_two, second) = folder(&[("b.js", LEAK)]);
    let mut client = Client::start(json!({"workspaceFolders": [{"uri": first, "name": "a"}]}));
    let (a, b) = (format!("{first}/a.js"), format!("{second}/b.js"));
    assert_eq!(client.published_closed(&a).len(), 1);
    let event =
        json!({"added": [{"uri": second, "name": "b"}], "removed": [{"uri": first, "name": "a"}]});
    client.notify(
        "workspace/didChangeWorkspaceFolders",
        json!({"event": event}),
    );
    assert_eq!(client.published_closed(&b).len(), 1);
    assert_eq!(client.published_closed(&a).len(), 0);
    let restarted = client.result(
        "workspace/executeCommand",
        json!({"command": "minivet.restart"}),
    );
    assert_eq!(restarted, Value::Null);
    let inventory = client.result(
        "workspace/executeCommand",
        json!({"command": "minivet.showInventory", "arguments": [b]}),
    );
    assert!(inventory.is_null() || inventory["markdown"].is_string());
}
