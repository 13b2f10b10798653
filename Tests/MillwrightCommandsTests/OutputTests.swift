// SPDX-License-Identifier: Apache-2.0
// Part of Millwright, a management-command plugin for PostgreSQL and Redis.

import Glibc
import MillwrightCore
import Testing

@testable import MillwrightCommands

@Suite("Streams and files")
struct OutputTests {
    @Test("A full disk is remembered as a failure, a reader that left as another")
    func failures() {
        signal(SIGPIPE, SIG_IGN)
        let full = open("/dev/full", O_WRONLY)
        var ends: [Int32] = [0, 0]
        pipe(&ends)
        close(ends[0])
        let outputs = [TextOutput(descriptor: full), TextOutput(descriptor: ends[1])]

        for output in outputs {
            output.write("something")
            output.flush()
            output.write("more")
            output.flush()
        }

        #expect(outputs.map(\.failure) == [.failed(ENOSPC), .readerLeft])
        close(full)
        close(ends[1])
    }

    @Test("What is held is not written until it is let go, and can be taken back")
    func held() {
        var ends: [Int32] = [0, 0]
        pipe(&ends)
        let output = TextOutput(descriptor: ends[1])
        output.hold()
        output.write("wrong")
        output.flush()

        #expect(output.take() == "wrong")
        output.writeLine("right")
        output.release()
        output.flush()

        var bytes = [UInt8](repeating: 0, count: 20)
        let count = read(ends[0], &bytes, bytes.count)
        #expect(String(decoding: bytes[..<count], as: UTF8.self) == "right\n")
        for end in ends { close(end) }
    }

    @Test("More than a pipe holds is written to the end, even where the pipe does not block")
    func nonBlocking() async {
        var ends: [Int32] = [0, 0]
        pipe(&ends)
        _ = fcntl(ends[1], F_SETFL, O_NONBLOCK)
        let text = String(repeating: "0123456789", count: 50_000)
        let (input, out) = (ends[0], ends[1])

        async let received = Self.count(input)
        let output = TextOutput(descriptor: out)
        output.write(text)
        output.flush()
        close(out)

        #expect(await received == text.utf8.count)
        close(input)
    }

    @concurrent
    private static func count(_ descriptor: Int32) async -> Int {
        var total = 0
        var bytes = [UInt8](repeating: 0, count: 4096)
        while true {
            let count = read(descriptor, &bytes, bytes.count)
            guard count > 0 else { return total }
            total += count
        }
    }

    @Test("--output writes the whole file at once, keeps the old one when it fails, and leaves nothing beside it")
    func resultFile() async throws {
        let folder = "/tmp/millwright-output-\(getpid())"
        mkdir(folder, 0o700)
        defer { rmdir(folder) }
        let path = "\(folder)/result"

        let written = await run("echo", "one", "--output", path)
        let failed = await run("fails", "tool", "--output", path)
        let refused = await run("echo", "x", "--output", "\(folder)/no/where")

        #expect(written.stdout == "")
        #expect(try Self.contents(path) == "one\n")
        #expect(failed.code == .unavailable)
        #expect(refused.code == .notWell)
        #expect(refused.stderr.contains("No such file or directory."))
        unlink(path)
        #expect(rmdir(folder) == 0)
    }

    private static func contents(_ path: String) throws -> String {
        let descriptor = open(path, O_RDONLY)
        defer { close(descriptor) }
        var bytes = [UInt8](repeating: 0, count: 1000)
        let count = read(descriptor, &bytes, bytes.count)
        return String(decoding: bytes[..<max(0, count)], as: UTF8.self)
    }

    @Test("Only one run holds the lock; the other hears which process does")
    func lock() throws {
        let folder = "/tmp/millwright-lock-\(getpid())"
        mkdir(folder, 0o700)
        let environment = ["XDG_RUNTIME_DIR": folder]

        var first: InstanceLock? = try InstanceLock.take(command: "tune", key: "a", environment: environment)
        let error = #expect(throws: ToolError.self) {
            try InstanceLock.take(command: "tune", key: "a", environment: environment)
        }
        _ = try InstanceLock.take(command: "tune", key: "b", environment: environment)
        _ = try InstanceLock.take(command: "check", key: "a", environment: environment)

        #expect(error?.code == .tryLater)
        #expect(error?.stopped == "It is already running in process \(getpid()).")
        withExtendedLifetime(first) {}
        first = nil
        _ = try InstanceLock.take(command: "tune", key: "a", environment: environment)
    }

    @Test(
        "Colour needs a terminal, --color forces it, --no-color and NO_COLOR forbid it",
        arguments: [
            (nil, [:], false), (true, [:], true), (true, ["NO_COLOR": "1"], true), (false, [:], false),
            (nil, ["NO_COLOR": "1"], false),
        ] as [(Bool?, [String: String], Bool)]
    )
    func color(flag: Bool?, environment: [String: String], isColored: Bool) {
        var globals = GlobalOptions()
        globals.color = flag

        #expect(Terminal(globals: globals, environment: environment, stream: TextOutput()).color == isColored)
    }
}
