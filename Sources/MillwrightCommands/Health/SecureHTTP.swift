// SPDX-License-Identifier: Apache-2.0
// Part of Millwright, a management-command plugin for PostgreSQL and Redis.

import Foundation
import FoundationNetworking

/// Asks one question over HTTPS, through the system's URL loading: certificates are checked against the system's authorities.
///
/// A redirection is not followed: who answers for somebody else does not say how that one is.
struct SecureHTTP: Sendable {
    let url: URL

    /// Reads `https://host[:port][/path]`; `nil` where it is something else.
    init?(_ text: String) {
        guard text.lowercased().hasPrefix("https://"), let url = URL(string: text), url.host?.isEmpty == false,
            url.user == nil, url.password == nil
        else { return nil }
        self.url = url
    }

    /// The address without what follows a `?`.
    var shown: String {
        var parts = URLComponents(url: self.url, resolvingAgainstBaseURL: false)
        parts?.query = nil
        parts?.fragment = nil
        return parts?.string ?? "https://"
    }

    /// Asks, and waits for the answer until `timeout` is over.
    func get(fields: [(name: String, value: String)], timeout: Duration) async throws -> PlainHTTP.Answer {
        try await withThrowingTaskGroup(of: PlainHTTP.Answer.self) { group in
            group.addTask { try await self.answer(fields) }
            // The session's own timeouts fail at once where they are no whole seconds.
            group.addTask {
                try await Task.sleep(for: timeout)
                throw PlainHTTP.Failure(reason: "It did not answer in time.")
            }
            defer { group.cancelAll() }
            guard let first = try await group.next() else { throw CancellationError() }
            return first
        }
    }

    private func answer(_ fields: [(name: String, value: String)]) async throws -> PlainHTTP.Answer {
        let configuration = URLSessionConfiguration.ephemeral
        configuration.httpShouldSetCookies = false
        let session = URLSession(configuration: configuration, delegate: NoRedirection(), delegateQueue: nil)
        defer { session.invalidateAndCancel() }
        var request = URLRequest(url: self.url, cachePolicy: .reloadIgnoringLocalCacheData)
        for (name, value) in fields { request.setValue(value, forHTTPHeaderField: name) }
        do {
            let (data, response) = try await session.data(for: request)
            guard let response = response as? HTTPURLResponse else {
                throw PlainHTTP.Failure(reason: "What answers there does not speak HTTP.")
            }
            return PlainHTTP.Answer(status: response.statusCode, body: String(decoding: data, as: UTF8.self))
        } catch let error as URLError {
            if Task.isCancelled { throw CancellationError() }
            throw PlainHTTP.Failure(reason: Self.reason(error))
        }
    }

    private static func reason(_ error: URLError) -> String {
        switch error.code {
        case .timedOut: "It did not answer in time."
        case .cannotFindHost, .dnsLookupFailed: "The host's name leads to no address."
        case .cannotConnectToHost: "Nothing listens at that address."
        // Foundation has no code for what curl says of TLS on Linux.
        case _ where error.localizedDescription.contains("certificate"):
            "Its certificate is signed by nobody whom this system trusts, is for another name, or has expired."
        case _ where error.localizedDescription.contains("SSL"), _ where error.localizedDescription.contains("TLS"):
            "What listens there does not speak TLS."
        default: "The connection broke."
        }
    }
}

private final class NoRedirection: NSObject, URLSessionTaskDelegate, Sendable {
    func urlSession(
        _ session: URLSession,
        task: URLSessionTask,
        willPerformHTTPRedirection response: HTTPURLResponse,
        newRequest request: URLRequest,
        completionHandler: @escaping (URLRequest?) -> Void
    ) {
        completionHandler(nil)
    }
}
