// SPDX-License-Identifier: Apache-2.0
// Part of Millwright, a management-command plugin for PostgreSQL and Redis.

import Foundation

let wanted = Array(CommandLine.arguments.dropFirst())
if wanted.first == PostgresRowsMemory.name, wanted.count == 2 {
    print(try await PostgresRowsMemory.peak(reading: wanted[1]))
    exit(0)
}
let known = Benchmarks.all.map { $0.name }
if let unknown = wanted.first(where: { !known.contains($0) }) {
    print("bench: there is no benchmark `\(unknown)`; there are \(known.joined(separator: ", ")).")
    exit(64)
}

let results = ".build/bench"
try FileManager.default.createDirectory(atPath: results, withIntermediateDirectories: true)
let encoder = JSONEncoder()
encoder.outputFormatting = [.prettyPrinted, .sortedKeys, .withoutEscapingSlashes]
var isMissed = false

/// Prints at once, also into a file.
func say(_ text: String) {
    print(text)
    fflush(nil)
}

say(Machine.noise())
for benchmark in Benchmarks.all where wanted.isEmpty || wanted.contains(benchmark.name) {
    say("\n\(benchmark.name): \(benchmark.about)")
    do {
        let measurements = try await benchmark.run()
        say(Table(measurements: measurements).text)
        try encoder.encode(measurements).write(to: URL(fileURLWithPath: "\(results)/\(benchmark.name).json"))
        if measurements.contains(where: { $0.isMet == false }) { isMissed = true }
    } catch {
        say("bench: \(benchmark.name) did not come to its end: \(error)")
        isMissed = true
    }
}
say("\n" + Machine.noise())
exit(isMissed ? 1 : 0)
