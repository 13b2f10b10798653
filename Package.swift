// swift-tools-version: 6.2
// Millwright: one target per room, imports run one way (CONTRIBUTING.md tells which).

import PackageDescription

let house: [SwiftSetting] = [
    .enableUpcomingFeature("ExistentialAny"),
    .enableUpcomingFeature("InternalImportsByDefault"),
    .enableUpcomingFeature("MemberImportVisibility"),
    .treatAllWarnings(as: .error),
]

/// A room of the house: a library target under `Sources` (or at `path`).
func room(
    _ name: String,
    path: String? = nil,
    exclude: [String] = [],
    resources: [Resource]? = nil,
    imports: [Target.Dependency] = []
) -> Target {
    .target(
        name: name,
        dependencies: imports,
        path: path,
        exclude: exclude,
        resources: resources,
        swiftSettings: house
    )
}

/// The tests of one room, in `Tests/<room>Tests`.
func tests(_ room: String, imports: [Target.Dependency] = []) -> Target {
    .testTarget(
        name: "\(room)Tests",
        dependencies: [.target(name: room), "MillwrightTesting"] + imports,
        swiftSettings: house
    )
}

let package = Package(
    name: "millwright",
    products: [
        .library(name: "Millwright", targets: ["Millwright"]),
        .library(name: "MillwrightHummingbird", targets: ["MillwrightHummingbird"]),
        .library(name: "MillwrightTesting", targets: ["MillwrightTesting"]),
        .executable(name: "manage", targets: ["manage"]),
        .executable(name: "ExampleHost", targets: ["ExampleHost"]),
    ],
    traits: [
        .trait(name: "RedisTLS", description: "TLS to Redis, where hiredis is 1.0 or newer and was built with OpenSSL.")
    ],
    dependencies: [
        .package(url: "https://github.com/apple/swift-argument-parser", from: "1.8.2"),
        .package(url: "https://github.com/apple/swift-configuration", from: "1.4.0", traits: ["YAML"]),
        .package(url: "https://github.com/apple/swift-crypto", "3.12.3"..<"5.0.0"),
        .package(url: "https://github.com/apple/swift-distributed-tracing", from: "1.7.3"),
        .package(url: "https://github.com/apple/swift-http-types", from: "1.8.0", traits: []),
        .package(url: "https://github.com/apple/swift-log", from: "1.16.2"),
        .package(url: "https://github.com/apple/swift-metrics", from: "2.13.0"),
        .package(url: "https://github.com/apple/swift-nio", from: "2.80.0"),
        .package(url: "https://github.com/apple/swift-nio-extras", from: "1.20.0"),
        .package(url: "https://github.com/apple/swift-system", from: "1.8.1"),
        .package(url: "https://github.com/hummingbird-project/hummingbird", from: "2.28.1"),
        .package(url: "https://github.com/jpsim/Yams", from: "6.2.2"),
        .package(url: "https://github.com/swift-server/swift-service-lifecycle", from: "2.13.0"),
        .package(url: "https://github.com/swiftlang/swift-subprocess", from: "1.0.2", traits: []),
    ],
    targets: [
        // C libraries: a module map and a shim header each, no Swift.
        .systemLibrary(name: "CEpoll"),
        .systemLibrary(name: "CPostgres"),
        .systemLibrary(name: "CHiredis"),
        .systemLibrary(name: "CHiredisSSL"),
        .systemLibrary(name: "CPgQuery"),
        .systemLibrary(name: "CZlib"),

        // The vocabulary, the event loop, the drivers.
        room("MillwrightCore"),
        room("MillwrightIO", imports: ["CEpoll"]),
        room(
            "MillwrightPooling",
            imports: [
                "MillwrightCore", "MillwrightIO",
                .product(name: "Metrics", package: "swift-metrics"),
                .product(name: "Tracing", package: "swift-distributed-tracing"),
            ]
        ),
        room("MillwrightPostgres", imports: ["MillwrightCore", "MillwrightIO", "MillwrightPooling", "CPostgres"]),
        room(
            "MillwrightRedis",
            imports: [
                "MillwrightCore", "MillwrightIO", "MillwrightPooling", "CHiredis",
                .target(name: "CHiredisSSL", condition: .when(traits: ["RedisTLS"])),
            ]
        ),

        // What a DBA asks.
        room(
            "MillwrightDatabase",
            imports: [
                "MillwrightCore", "MillwrightPostgres", "CPgQuery",
                .product(name: "Subprocess", package: "swift-subprocess"),
                .product(name: "SystemPackage", package: "swift-system"),
            ]
        ),
        room(
            "MillwrightCaching",
            imports: [
                "MillwrightCore", "MillwrightRedis", "MillwrightPostgres", "CZlib",
                .product(name: "Crypto", package: "swift-crypto"),
            ]
        ),
        room(
            "MillwrightHealth",
            imports: [
                "MillwrightCore", "MillwrightIO", "MillwrightCaching", "MillwrightPostgres", "MillwrightRedis",
                .product(name: "HTTPTypes", package: "swift-http-types"),
                .product(name: "Logging", package: "swift-log"),
            ]
        ),

        // Files of SQL, and what runs them.
        room(
            "Migrations",
            path: "Migrations",
            resources: [.embedInCode("sql")],
            imports: ["MillwrightCore", "MillwrightPostgres"]
        ),
        room(
            "Fixtures",
            path: "Fixtures",
            exclude: ["demo.yaml"],
            resources: [.embedInCode("sql")],
            imports: ["MillwrightCore", "MillwrightPostgres", "MillwrightRedis"]
        ),

        // Private servers; settings and the toolkit; commands; what a host imports.
        room(
            "MillwrightSandbox",
            imports: [
                "MillwrightCore",
                .product(name: "Subprocess", package: "swift-subprocess"),
                .product(name: "SystemPackage", package: "swift-system"),
            ]
        ),
        room(
            "MillwrightToolkit",
            imports: [
                "MillwrightCore", "MillwrightIO", "MillwrightPooling", "MillwrightPostgres", "MillwrightRedis",
                "MillwrightDatabase",
                "MillwrightCaching", "MillwrightHealth",
                .product(name: "Configuration", package: "swift-configuration"),
                .product(name: "Logging", package: "swift-log"),
                .product(name: "Yams", package: "Yams"),
            ]
        ),
        room(
            "MillwrightCommands",
            imports: [
                "MillwrightCore", "MillwrightIO", "MillwrightPostgres", "MillwrightRedis", "MillwrightDatabase",
                "MillwrightCaching",
                "MillwrightHealth", "MillwrightToolkit", "MillwrightSandbox", "Migrations", "Fixtures",
                .product(name: "ArgumentParser", package: "swift-argument-parser"),
                .product(name: "Logging", package: "swift-log"),
            ]
        ),
        room(
            "Millwright",
            imports: [
                "MillwrightCore", "MillwrightPooling", "MillwrightPostgres", "MillwrightRedis", "MillwrightDatabase",
                "MillwrightCaching", "MillwrightHealth", "MillwrightToolkit", "MillwrightCommands", "Migrations",
            ]
        ),
        room(
            "MillwrightHummingbird",
            imports: [
                "MillwrightCaching", "MillwrightCore", "MillwrightHealth", "MillwrightToolkit", "MillwrightCommands",
                .product(name: "ArgumentParser", package: "swift-argument-parser"),
                .product(name: "Hummingbird", package: "hummingbird"),
                .product(name: "HummingbirdCore", package: "hummingbird"),
                .product(name: "HTTPTypes", package: "swift-http-types"),
                .product(name: "Logging", package: "swift-log"),
                .product(name: "NIOCore", package: "swift-nio"),
                .product(name: "NIOHTTPTypes", package: "swift-nio-extras"),
                .product(name: "NIOPosix", package: "swift-nio"),
                .product(name: "ServiceLifecycle", package: "swift-service-lifecycle"),
                .product(name: "UnixSignals", package: "swift-service-lifecycle"),
            ]
        ),
        room(
            "MillwrightTesting",
            imports: [
                "MillwrightCore", "MillwrightIO", "MillwrightPooling", "MillwrightPostgres", "MillwrightRedis",
                "MillwrightSandbox",
            ]
        ),

        .executableTarget(
            name: "manage",
            dependencies: ["Millwright", "MillwrightHummingbird"],
            swiftSettings: house
        ),
        .executableTarget(
            name: "ExampleHost",
            dependencies: [
                "Millwright", "MillwrightHummingbird",
                .product(name: "ArgumentParser", package: "swift-argument-parser"),
                .product(name: "Hummingbird", package: "hummingbird"),
                .product(name: "Logging", package: "swift-log"),
            ],
            swiftSettings: house
        ),

        // What is promised, measured: `make bench`.
        .executableTarget(
            name: "benchmarks",
            dependencies: [
                "MillwrightCore", "MillwrightIO", "MillwrightPostgres", "MillwrightRedis", "MillwrightSandbox",
                "MillwrightTesting", "MillwrightCaching", "MillwrightDatabase", "MillwrightHealth", "Migrations",
                "Fixtures",
                .product(name: "HTTPTypes", package: "swift-http-types"),
                .product(name: "Subprocess", package: "swift-subprocess"),
                .product(name: "SystemPackage", package: "swift-system"),
            ],
            path: "Benchmarks",
            exclude: ["Peers", "TPCH/queries.sql", "ERPAdvice/workload.sql"],
            swiftSettings: house
        ),
        .executableTarget(
            name: "hello-peer",
            dependencies: [
                .product(name: "Hummingbird", package: "hummingbird"), .product(name: "Logging", package: "swift-log"),
            ],
            path: "Benchmarks/Peers/Hello",
            swiftSettings: house
        ),

        tests("MillwrightCore"),
        tests("MillwrightIO"),
        tests(
            "MillwrightPooling",
            imports: [
                "MillwrightCore", "MillwrightIO", "MillwrightSandbox",
                .product(name: "Metrics", package: "swift-metrics"),
                .product(name: "MetricsTestKit", package: "swift-metrics"),
                .product(name: "InMemoryTracing", package: "swift-distributed-tracing"),
                .product(name: "Tracing", package: "swift-distributed-tracing"),
            ]
        ),
        tests("MillwrightPostgres", imports: ["MillwrightCore", "MillwrightIO"]),
        tests(
            "MillwrightRedis",
            imports: [
                "MillwrightCore", "MillwrightIO", "MillwrightPooling", "MillwrightSandbox",
                .product(name: "MetricsTestKit", package: "swift-metrics"),
                .product(name: "InMemoryTracing", package: "swift-distributed-tracing"),
            ]
        ),
        tests("MillwrightDatabase", imports: ["MillwrightCore", "MillwrightPostgres", "MillwrightSandbox"]),
        tests(
            "MillwrightCaching",
            imports: ["MillwrightCore", "MillwrightPostgres", "MillwrightRedis", "MillwrightSandbox", "Migrations"]
        ),
        tests(
            "MillwrightHealth",
            imports: [
                "MillwrightCore", "MillwrightCaching", "MillwrightPostgres", "MillwrightRedis", "MillwrightSandbox",
                .product(name: "HTTPTypes", package: "swift-http-types"),
                .product(name: "Logging", package: "swift-log"),
            ]
        ),
        tests("Migrations", imports: ["MillwrightCore", "MillwrightPostgres", "MillwrightSandbox"]),
        tests(
            "Fixtures",
            imports: ["MillwrightCore", "MillwrightPostgres", "MillwrightRedis", "MillwrightSandbox"]
        ),
        tests("MillwrightSandbox", imports: ["MillwrightCore", "MillwrightPostgres", "MillwrightRedis"]),
        .testTarget(
            name: "MillwrightTestingTests",
            dependencies: ["MillwrightTesting", "MillwrightPostgres", "MillwrightRedis", "MillwrightSandbox"],
            swiftSettings: house
        ),
        tests(
            "MillwrightToolkit",
            imports: ["MillwrightCore", "MillwrightHealth", "MillwrightPostgres", "MillwrightRedis"]
        ),
        tests(
            "MillwrightCommands",
            imports: [
                "MillwrightCore", "MillwrightPostgres", "MillwrightRedis", "MillwrightDatabase", "MillwrightCaching",
                "MillwrightHealth", "MillwrightSandbox", "MillwrightToolkit", "Fixtures", "Migrations",
                .product(name: "ArgumentParser", package: "swift-argument-parser"),
            ]
        ),
        tests(
            "MillwrightHummingbird",
            imports: [
                "Migrations", "MillwrightCaching", "MillwrightCommands", "MillwrightCore", "MillwrightHealth",
                "MillwrightPostgres", "MillwrightRedis", "MillwrightSandbox", "MillwrightToolkit",
                .product(name: "Hummingbird", package: "hummingbird"),
                .product(name: "Logging", package: "swift-log"),
                .product(name: "NIOCore", package: "swift-nio"),
                .product(name: "ServiceLifecycle", package: "swift-service-lifecycle"),
            ]
        ),
        .testTarget(
            name: "EndToEndTests",
            dependencies: [
                "manage", "ExampleHost", "Fixtures", "MillwrightCommands", "MillwrightCore", "MillwrightHummingbird",
                "MillwrightRedis", "MillwrightPostgres", "MillwrightSandbox", "MillwrightTesting",
                .product(name: "Subprocess", package: "swift-subprocess"),
                .product(name: "SystemPackage", package: "swift-system"),
            ],
            swiftSettings: house
        ),
    ]
)

// `make sanitize` builds the drivers and what they stand on, alone: with a sanitizer the rest takes ten times as long.
if Context.environment["MILLWRIGHT_ONLY_DRIVERS"] == "1" {
    let libraries = ["CEpoll", "CPostgres", "CHiredis", "CHiredisSSL", "MillwrightSandbox", "MillwrightTesting"]
    let rooms = ["Core", "IO", "Pooling", "Postgres", "Redis"].flatMap { ["Millwright\($0)", "Millwright\($0)Tests"] }
    package.targets.removeAll { !(libraries + rooms).contains($0.name) }
    package.products.removeAll { $0.name != "MillwrightTesting" }
}
