// SPDX-License-Identifier: Apache-2.0
// Part of Millwright, a management-command plugin for PostgreSQL and Redis.

import HTTPTypes
import MillwrightCore
import Synchronization

/// Answers as they are sent, made once for each snapshot: a thousand probes between two changes cost one.
final class RenderedAnswers: Sendable {
    /// What makes one answer differ from another.
    struct Key: Hashable {
        var face: HealthFace
        var format: HealthFormat
        var isDetailed: Bool
        var stance = Stance.ordinary
    }

    private let codes: HealthStatusCodes
    private let state = Mutex<(id: String, answers: [Key: (head: HTTPResponse, body: String)])>(("", [:]))

    init(codes: HealthStatusCodes) { self.codes = codes }

    func answer(_ key: Key, from snapshot: HealthSnapshot) -> (head: HTTPResponse, body: String) {
        self.state.withLock { state in
            if state.id != snapshot.id { state = (snapshot.id, [:]) }
            if let answer = state.answers[key] { return answer }
            let answer = self.rendered(key, snapshot)
            state.answers[key] = answer
            return answer
        }
    }

    private func rendered(_ key: Key, _ snapshot: HealthSnapshot) -> (head: HTTPResponse, body: String) {
        let snapshot =
            switch key.stance {
            case .ordinary, .leaving: snapshot
            case .staying: snapshot.asStaying
            case .lastInFarm: snapshot.asLastInFarm
            }
        let body = Self.body(key, snapshot)
        let code = key.stance == .leaving ? 404 : self.codes.code(of: snapshot.status(of: key.face))
        let status = HTTPResponse.Status(code: code)
        let fields: HTTPFields = [
            .contentType: key.format.contentType,
            .contentLength: String(body.utf8.count),
            .cacheControl: "no-store",
        ]
        return (HTTPResponse(status: status, headerFields: fields), body)
    }

    private static func body(_ key: Key, _ snapshot: HealthSnapshot) -> String {
        switch key.format {
        case .json, .healthJSON:
            key.isDetailed
                ? snapshot.document(of: key.face).text(pretty: false) : HealthDocument.brief(snapshot, face: key.face)
        case .text: HealthText.text(snapshot, face: key.face, isDetailed: key.isDetailed)
        case .prometheus: HealthMetrics.text(snapshot, face: key.face, isDetailed: key.isDetailed)
        }
    }
}
