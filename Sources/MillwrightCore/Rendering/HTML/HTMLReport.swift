// SPDX-License-Identifier: Apache-2.0
// Part of Millwright, a management-command plugin for PostgreSQL and Redis.

/// Writes a report as one self-contained page: no script, nothing loaded from elsewhere.
struct HTMLReport {
    let report: Report

    var document: String {
        let meta = HTML(markup: "<meta charset=\"utf-8\">")
        let head = HTML.element("head", [:], [meta, .element("title", text: self.report.title)])
        let body = HTML.element("body", [:], [.element("h1", text: self.report.title)])
        return "<!doctype html>\n" + HTML.element("html", ["lang": "en"], [head, body]).source + "\n"
    }
}
