// SPDX-License-Identifier: Apache-2.0
// Part of Millwright, a management-command plugin for PostgreSQL and Redis.

/// Finds among all possible indexes those that the planner would take.
///
/// It is shown all candidates of one kind at once, and each query's plan names the ones it takes; then again without those, so
/// that the second and third best are known as well. What a plan uses together is kept as a package.
struct CandidateProbe: Sendable {
    /// Queries that are shown the same candidates, so that these are made once for all of them.
    struct Question: Sendable {
        var queries: [Int]
        /// In ascending order.
        var candidates: [Int]
    }

    /// What was found.
    struct Findings: Sendable {
        /// What the plans that took a candidate saved together, weighted.
        var gains: [Int: Double] = [:]
        var packages: Set<[Int]> = []
        var asked = 0
    }

    let costs: any CostSource
    /// How often the queries are asked, each time without what was taken before.
    var rounds = 3
    let weights: [Double]
    /// Each query's cost as it is.
    let before: [Double]

    /// Asks until all is answered or time is over.
    func ask(
        _ questions: [Question],
        until deadline: ContinuousClock.Instant,
        into findings: inout Findings
    ) async throws {
        var open = questions
        for _ in 0..<self.rounds {
            var next: [Question] = []
            var batch: [Question] = []
            for question in open {
                batch.append(question)
                guard batch.reduce(0, { $0 + $1.queries.count }) >= 64 else { continue }
                guard ContinuousClock.now < deadline, !Task.isCancelled else { return }
                next += try await self.ask(batch, into: &findings)
                batch = []
            }
            next += try await self.ask(batch, into: &findings)
            open = next
        }
    }

    /// Asks each question, and returns it without what was taken.
    private func ask(_ questions: [Question], into findings: inout Findings) async throws -> [Question] {
        let requests = questions.flatMap { question in
            question.queries.map { CostRequest(query: $0, indexes: question.candidates) }
        }
        findings.asked += requests.count
        var plans = try await self.costs.plans(for: requests)[...]
        return questions.compactMap { question in
            var taken: Set<Int> = []
            var takers: [Int] = []
            for query in question.queries {
                let plan = plans.removeFirst()
                let gain = (self.before[query] - plan.cost) * self.weights[query]
                guard gain > 0, !plan.used.isEmpty else { continue }
                for index in plan.used { findings.gains[index, default: 0] += gain / Double(plan.used.count) }
                if plan.used.count > 1 { findings.packages.insert(plan.used) }
                taken.formUnion(plan.used)
                takers.append(query)
            }
            return takers.isEmpty
                ? nil : Question(queries: takers, candidates: question.candidates.filter { !taken.contains($0) })
        }
    }
}
