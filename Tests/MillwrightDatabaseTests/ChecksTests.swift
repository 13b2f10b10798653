// SPDX-License-Identifier: Apache-2.0
// Part of Millwright, a management-command plugin for PostgreSQL and Redis.

import MillwrightCore
import Testing

@testable import MillwrightDatabase

#if canImport(FoundationEssentials)
import FoundationEssentials
#endif

@Suite("The list of checks")
struct ChecksTests {
    @Test("Each file that declares a check has its line in the list")
    func folderWalk() throws {
        let sources = URL(filePath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
            .deletingLastPathComponent().appending(path: "Sources/MillwrightDatabase").path(percentEncoded: false)
        let listed = Set(Checks.all.map { String(describing: type(of: $0)) })
        for file in try FileManager.default.subpathsOfDirectory(atPath: sources) where file.hasSuffix(".swift") {
            let text = try String(contentsOfFile: "\(sources)/\(file)", encoding: .utf8)
            for line in text.split(separator: "\n")
            where line.contains(": DatabaseCheck {") && line.hasPrefix("struct ") {
                let name = String(line.dropFirst("struct ".count).prefix { $0 != ":" })
                #expect(listed.contains(name), "\(file) declares a check that Checks.swift does not list")
            }
        }
    }

    @Test("Names are unique and in kebab case, ids unique and of their concern, in the letter of their severity")
    func names() {
        let names = Checks.all.map { type(of: $0).name }
        let ids = Checks.all.flatMap { type(of: $0).ids }
        #expect(Set(names).count == names.count)
        #expect(Set(ids).count == ids.count)
        #expect(names.allSatisfy { $0.allSatisfy { $0 == "-" || ("a"..."z").contains($0) } })
        for check in Checks.all {
            let concern = type(of: check).concern.rawValue
            #expect(
                type(of: check).ids.allSatisfy {
                    $0.wholeMatch(of: /[a-z]+\.[CEWI]\d{3}/) != nil && $0.hasPrefix("\(concern).")
                }
            )
        }
    }

    @Test("Within a concern the checks are in alphabetical order, and the concerns in the order of the report")
    func order() {
        let keys = Checks.all.map { check in
            (Concern.allCases.firstIndex(of: type(of: check).concern) ?? 0, type(of: check).name)
        }
        #expect(keys.elementsEqual(keys.sorted { $0 < $1 }) { $0 == $1 })
    }

    @Test("Each threshold has a meaning, and its default can be set as it is written", arguments: Checks.all.indices)
    func thresholds(position: Int) throws {
        try Checks.all[position].verifyThresholds()
    }

    @Test("A threshold set by name from text holds for that check")
    func configured() throws {
        let checks = try Checks.all(with: ["unused-indexes": ["minimumWindow": "20s", "minimumBytes": "8kB"]])

        let unused = checks.compactMap { $0 as? UnusedIndexes }
        #expect(unused.map(\.minimumWindow) == [.seconds(20)])
        #expect(unused.map(\.minimumBytes) == [8000] || unused.map(\.minimumBytes) == [8192])
    }

    @Test(
        "A name that does not exist is an error that names the nearest one",
        arguments: [
            ("unused-index", "minimumWindow", "20s", "There is no check unused-index. Did you mean unused-indexes?"),
            (
                "unused-indexes", "minimumWindows", "20s",
                "The check unused-indexes has no threshold minimumWindows. Did you mean minimumWindow?"
            ),
            (
                "unused-indexes", "minimumWindow", "long",
                "long is no value for minimumWindow of the check unused-indexes: it takes a duration such as 20s, 5m or 7d."
            ),
        ]
    )
    func wrongNames(check: String, threshold: String, value: String, message: String) {
        let error = #expect(throws: ThresholdError.self) { _ = try Checks.all(with: [check: [threshold: value]]) }
        #expect(error?.description == message)
    }
}

extension DatabaseCheck {
    fileprivate func verifyThresholds() throws {
        for threshold in Self.thresholds {
            #expect(threshold.meaning.hasSuffix("."))
            var copy = self
            try copy.set(threshold.name, to: threshold.text(self))
            #expect(threshold.text(copy) == threshold.text(self))
            #expect(throws: ThresholdError.self) { try copy.set(threshold.name, to: "nonsense") }
        }
    }
}
