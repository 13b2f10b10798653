// SPDX-License-Identifier: Apache-2.0
// Part of Millwright, a management-command plugin for PostgreSQL and Redis.

import MillwrightCore
import MillwrightToolkit
import Testing

@Suite("What is wrong with the settings")
struct SettingsProblemsTests {
    private func problems(_ text: String, environment: [String: String] = [:], overrides: [String] = []) -> [String] {
        let file = SettingsFile(path: "m.yaml", text: text)
        return Settings.read(file: file, environment: environment, overrides: overrides).problems.map(\.description)
    }

    @Test(
        "A problem says where it is, what is wrong and what to write",
        arguments: [
            (
                "databses: { default: { url: \"postgres://h/d\" } }",
                "m.yaml:1: databses is not a known key. Did you mean `databases`?"
            ),
            (
                "databases:\n  default:\n    url: postgres://h/d\n    max_conections: 3",
                "m.yaml:4: databases.default.max_conections is not a known key. Did you mean `max_connections`?"
            ),
            (
                "health: { intervall: 2s }",
                "m.yaml:1: health.intervall is not a known key. Did you mean `interval`?"
            ),
            (
                "health: { interval: 2 fortnights }",
                "m.yaml:1: health.interval is `2 fortnights`, which is not a span of time. "
                    + "Write a number with a unit (`500ms`, `2s`, `5m`, `1h`, `7d`); a bare number is seconds."
            ),
            (
                "health: { interval: 0 }",
                "m.yaml:1: health.interval is zero. Write a span of time above zero, such as `2s`."
            ),
            (
                "health: { details: perhaps }",
                "m.yaml:1: health.details is not a yes or no. Write `true` or `false`."
            ),
            (
                "databases: { default: { url: \"mysql://h/d\" } }",
                "m.yaml:1: databases.default.url has the scheme `mysql://`, which is not PostgreSQL's. "
                    + "Write `postgres://user@host:5432/database`, or `host=… dbname=…` as libpq reads it."
            ),
            (
                "databases: { default: { url: \"postgres://h:99999/d\" } }",
                "m.yaml:1: databases.default.url has the port `99999`, which is not between 1 and 65535. "
                    + "Write `postgres://user@host:5432/database`, or `host=… dbname=…` as libpq reads it."
            ),
            (
                "databases: { default: { url: \"postgres://h/d\", max_connections: many } }",
                "m.yaml:1: databases.default.max_connections is `many`, which is not a whole number. "
                    + "Write digits only, such as `20`."
            ),
            (
                "databases: { default: { url: \"postgres://h/d\", max_connections: 0 } }",
                "m.yaml:1: databases.default.max_connections is 0, which is out of range. "
                    + "Write a number between 1 and 10000."
            ),
            (
                "databases: { default: { max_connections: 5 } }",
                "m.yaml:1: databases.default.url is missing. "
                    + "Write it in the file, or set MILLWRIGHT_DATABASES_DEFAULT_URL."
            ),
            (
                "caches: { default: { location: \"redis://h\", compressor: zlip } }",
                "m.yaml:1: caches.default.compressor is `zlip`, which is not one of `none` or `zlib`. "
                    + "Did you mean `zlib`?"
            ),
            (
                "caches: { \"2x\": { location: \"redis://h\" } }",
                "m.yaml:1: caches.2x.location has the alias `2x`, which is not a name. "
                    + "Write letters, digits, `_` and `-`, beginning with a letter."
            ),
            (
                "caches: { a: { location: \"redis://h\" } }\nsessions: { cache_alias: b, database: c }",
                "m.yaml:2: sessions.cache_alias names `b`, which is not defined. Defined: a."
            ),
            (
                "",
                "m.yaml: The file is empty. Write `databases: { default: { url: \"postgres://…\" } }`, or remove the file."
            ),
            (
                "# nothing\n",
                "m.yaml: The file is empty. Write `databases: { default: { url: \"postgres://…\" } }`, or remove the file."
            ),
            ("databases:", "m.yaml:1: databases holds no keys. Write keys under it, or remove it."),
            (
                "health: { interval: }",
                "m.yaml:1: health.interval has no value. Write a value after the colon, or remove the line."
            ),
            (
                "health: { interval: [1s, 2s] }",
                "m.yaml:1: health.interval is a list. Write one value, without `-` or `[ ]`."
            ),
            (
                "health: { interval: { seconds: 2 } }",
                "m.yaml:1: health.interval holds keys where one value is expected. Write the value after the colon."
            ),
            (
                "- a\n- b",
                "m.yaml:1: The file does not hold keys. "
                    + "Write `key: value` lines; known at the top: caches, databases, health, sandbox, server, sessions, silenced, apps, checks."
            ),
        ]
    )
    func one(text: String, problem: String) {
        #expect(self.problems(text).first == problem)
    }

    @Test("All problems of all layers are found at once, the file's first")
    func all() {
        let text = """
            health:
              interval: soon
              interval: 2s
              budget: never
            helth: { x: 1 }
            databases: { default: { url: "postgres://h/d" }, default: { url: "postgres://g/d" } }
            """

        let problems = self.problems(
            text,
            environment: ["MILLWRIGHT_DATABASES_DEFAULT_URLL": "x", "REDIS_URL": "http://h"],
            overrides: ["health.drain", "nonsense.key=1"]
        )

        #expect(problems.count == 8)
        #expect(problems.filter { $0.contains("is given twice") }.count == 2)
        #expect(problems.contains { $0.hasPrefix("m.yaml:4: health.budget is `never`") })
        #expect(problems.contains { $0.hasPrefix("m.yaml:5: helth is not a known key. Did you mean `health`?") })
        #expect(problems.contains { $0.hasPrefix("environment variable MILLWRIGHT_DATABASES_DEFAULT_URLL: ") })
        #expect(problems.contains { $0.hasPrefix("environment variable REDIS_URL: caches.default.location ") })
        #expect(problems.contains { $0.hasPrefix("--set: health.drain has no value") })
        #expect(problems.contains { $0.hasPrefix("--set: nonsense.key is not a known key") })
    }

    @Test("A key given twice is named with its line, and the later value is the one that is judged further")
    func twice() {
        let result = Settings.read(file: SettingsFile(path: "m.yaml", text: "health:\n  drain: 1s\n  drain: 3s\n"))

        #expect(
            result.problems.map(\.description) == ["m.yaml:2: drain is given twice in one place. Keep one of them."]
        )
        #expect(result.settings.health.drain == .seconds(3))
    }

    @Test("Text that is not YAML is named with its line, and never quoted")
    func syntax() {
        let problems = self.problems("databases:\n  default: { url: \"postgres://u:s3cret@h/d\n")

        #expect(problems.count == 1)
        #expect(problems[0].hasPrefix("m.yaml:3: The file is not YAML: "))
        #expect(!problems[0].contains("s3cret"))
    }

    @Test("A wrong address is not quoted in its problem")
    func wrongAddress() {
        for text in [
            "databases: { default: { url: \"http://u:s3cret@h\" } }",
            "caches: { a: { location: \"redis://s3cret@h\" } }",
        ] {
            let problems = self.problems(text)
            #expect(problems.count == 1)
            #expect(!problems.joined().contains("s3cret"))
        }
    }

    @Test("The variables that belong to others are left alone")
    func otherVariables() {
        let environment = [
            "MILLWRIGHT_SETTINGS": "", "MILLWRIGHT_REQUIRE_SERVERS": "1", "MILLWRIGHT": "x", "HEALTH": "y",
        ]

        #expect(self.problems("health: { interval: 1s }", environment: environment).isEmpty)
    }

    @Test("A settings file that is not there or is a folder is a problem that names it")
    func files() {
        let missing = Settings.load(file: "/nowhere/millwright.yaml", environment: [:])
        let folder = Settings.load(file: nil, environment: ["MILLWRIGHT_SETTINGS": "/tmp"])

        #expect(
            missing.problems.map(\.description) == [
                "/nowhere/millwright.yaml: The file cannot be read: No such file or directory. "
                    + "Check the path given by `--settings` or `MILLWRIGHT_SETTINGS`."
            ]
        )
        #expect(folder.problems.map(\.description).first?.contains("Is a directory") == true)
    }

    @Test("The error names every problem and ends with 78")
    func error() throws {
        let result = Settings.read(file: nil, overrides: ["a=1", "b=2"])

        let error = try #require(result.error)
        #expect(error.code == .settings)
        #expect(error.stopped.contains("2 problems"))
        #expect(throws: (any Error).self) { try result.get() }
    }
}
