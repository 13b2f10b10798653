// SPDX-License-Identifier: Apache-2.0
// Part of Millwright, a management-command plugin for PostgreSQL and Redis.

import MillwrightPostgres

extension Operation {
    /// What people do on the task platform: boards, lists, feeds, search.
    static let platform = [
        Operation("task_board", 70) { connection, world, random in
            _ = try await connection.query(
                """
                SELECT id, title, state, priority, assignee_id, due
                FROM tasks
                WHERE project_id = \(1 + random.below(world.volume.projects))
                  AND state IN ('open', 'in_progress', 'blocked')
                ORDER BY priority, due
                LIMIT 100
                """
            )
        },
        Operation("my_tasks", 50) { connection, world, random in
            _ = try await connection.query(
                """
                SELECT id, title, due
                FROM tasks
                WHERE assignee_id = \(1 + random.below(world.volume.users)) AND completed IS NULL
                ORDER BY due
                LIMIT 20
                """
            )
        },
        Operation("overdue_tasks", 10) { connection, _, random in
            _ = try await connection.query(
                """
                SELECT id, title, due
                FROM tasks
                WHERE completed IS NULL AND due < \(Days.text(30 + random.below(Days.count - 30)))::date
                ORDER BY due DESC
                LIMIT 50
                """
            )
        },
        Operation("latest_tasks", 20) { connection, _, _ in
            _ = try await connection.query("SELECT id, title, state FROM tasks ORDER BY updated DESC LIMIT 20")
        },
        Operation("search_tasks", 20) { connection, _, random in
            let words = "\(WordLists.text(.objects, &random)) \(WordLists.text(.verbs, &random))"
            _ = try await connection.query(
                """
                SELECT id, title, state
                FROM tasks
                WHERE to_tsvector('english', title) @@ plainto_tsquery('english', \(words))
                LIMIT 20
                """
            )
        },
        Operation("workspace_feed", 50) { connection, world, random in
            _ = try await connection.query(
                """
                SELECT id, kind, task_id, user_id, created
                FROM activities
                WHERE workspace_id = \(world.workspaces.draw(random.next()))
                ORDER BY created DESC
                LIMIT 50
                """
            )
        },
        Operation("user_feed", 30) { connection, world, random in
            _ = try await connection.query(
                """
                SELECT id, kind, task_id, created
                FROM activities
                WHERE user_id = \(world.users.draw(random.next()))
                ORDER BY created DESC
                LIMIT 20
                """
            )
        },
    ]
}

extension WordLists {
    /// The lists that searches take words from.
    enum Searched {
        case objects
        case verbs
    }

    /// One word of a list, as text.
    static func text(_ list: Searched, _ random: inout Random) -> String {
        let words = list == .objects ? Self.objects : Self.verbs
        return String(decoding: words[random.below(words.count)], as: UTF8.self)
    }
}
