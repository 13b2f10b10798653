// SPDX-License-Identifier: Apache-2.0
// Part of Millwright, a management-command plugin for PostgreSQL and Redis.

#if RedisTLS
import Glibc
import MillwrightSandbox
import MillwrightTesting
import Testing

@testable import MillwrightRedis

@Suite("Redis over TLS", .serialized, .timeLimit(.minutes(1)))
struct EncryptionTests {
    /// A server that also listens with TLS, and the files of its certificates; all go when it is let go.
    private final class SecureRedis: Sendable {
        let servers: TestServers
        let folder: String
        let port: Int

        init() async throws {
            self.folder = "/tmp/millwright-tls-\(getpid())"
            self.port = try Self.freePort()
            let certificates = """
                mkdir -p \(self.folder) && cd \(self.folder) && for name in localhost foreign; do
                  openssl req -x509 -newkey ec -pkeyopt ec_paramgen_curve:prime256v1 -nodes -days 2 -subj /CN=$name \
                    -addext subjectAltName=DNS:localhost -keyout $name.key -out $name.crt || exit 1
                done 2>/dev/null && chmod 755 . && chmod 644 *
                """
            guard system(certificates) == 0 else { throw RedisError(.usage, hint: "openssl is missing.") }
            var plan = SandboxPlan.redisOnly
            plan.redisSettings = [
                "tls-port": "\(self.port)", "tls-cert-file": "\(self.folder)/localhost.crt",
                "tls-key-file": "\(self.folder)/localhost.key", "tls-ca-cert-file": "\(self.folder)/localhost.crt",
                "tls-auth-clients": "optional",
            ]
            self.servers = try await TestServers.private(plan)
        }

        deinit {
            self.servers.sandbox.removeAtOnce()
            for name in ["localhost.crt", "localhost.key", "foreign.crt", "foreign.key"] {
                unlink("\(self.folder)/\(name)")
            }
            rmdir(self.folder)
        }

        func url(host: String = "localhost", authority: String = "localhost", _ more: String = "") -> String {
            "rediss://\(host):\(self.port)/?ssl_ca_certs=\(self.folder)/\(authority).crt\(more)"
        }

        private static func freePort() throws -> Int {
            let descriptor = socket(AF_INET, Int32(SOCK_STREAM.rawValue), 0)
            defer { close(descriptor) }
            var name = sockaddr_in()
            name.sin_family = sa_family_t(AF_INET)
            name.sin_addr.s_addr = UInt32(0x7F00_0001).bigEndian
            var size = socklen_t(MemoryLayout<sockaddr_in>.size)
            let status = withUnsafeMutablePointer(to: &name) { pointer in
                pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) {
                    bind(descriptor, $0, size) == 0 ? getsockname(descriptor, $0, &size) : -1
                }
            }
            guard status == 0 else { throw RedisError(.connectionFailed) }
            return Int(UInt16(bigEndian: name.sin_port))
        }
    }

    @Test("Commands of any size go both ways, and the end of the server's certificate is known")
    func roundTrip() async throws {
        let redis = try await SecureRedis()
        let connection = try await RedisConnection.connect(RedisConfiguration(redis.url()))
        let huge = [UInt8](repeating: 0xAB, count: 20_000_000)

        try await connection.set("huge", huge)
        let back = try await connection.get("huge", as: [UInt8].self)
        let numbers = try await connection.pipeline((0..<10_000).map { RedisCommand("ECHO", $0) })

        #expect(back == huge)
        #expect(try numbers.map { try $0.decode(as: Int.self) } == Array(0..<10_000))
        let end = try #require(await connection.serverCertificateEnd)
        let now = Double(time(nil))
        #expect((now + 86_400...now + 2 * 86_400 + 60).contains(end))
        await connection.close()
    }

    @Test("Many tasks share one encrypted connection")
    func shared() async throws {
        let redis = try await SecureRedis()
        let client = RedisClient(try RedisConfiguration(redis.url()))

        try await withThrowingTaskGroup(of: Void.self) { group in
            for task in 0..<64 {
                group.addTask {
                    for round in 0..<50 {
                        let value = String(repeating: "\(task):\(round) ", count: task * 20 + 1)
                        try await client.set("key:\(task)", value)
                        #expect(try await client.get("key:\(task)", as: String.self) == value)
                    }
                }
            }
            try await group.waitForAll()
        }

        await client.close()
    }

    @Test("A certificate of nobody who is trusted, or for another name, is refused, and the error says why")
    func refused() async throws {
        let redis = try await SecureRedis()

        for (url, words) in [
            (redis.url(authority: "foreign"), "certificate is refused"),
            (redis.url(host: "127.0.0.1"), "IP address mismatch"),
            (redis.url(authority: "missing"), "could not be used"),
        ] {
            let error = await redisError { _ = try await RedisConnection.connect(RedisConfiguration(url)) }
            #expect(error?.debugDescription.contains(words) == true, "\(String(reflecting: error))")
        }
        let unverified = try await RedisConnection.connect(
            RedisConfiguration(redis.url(host: "127.0.0.1", authority: "foreign", "&ssl_cert_reqs=none"))
        )
        try await unverified.ping()
        await unverified.close()
    }

    @Test("A server that speaks no TLS is an error in time")
    func plainServer() async throws {
        let redis = try await SecureRedis()
        let socket = try #require(redis.servers.state["redis"]?.socket)
        var configuration = RedisConfiguration(endpoint: .unix(path: socket))
        configuration.tls = RedisTLSSettings(authorities: "\(redis.folder)/localhost.crt")
        configuration.connectTimeout = .seconds(5)

        let error = await redisError { _ = try await RedisConnection.connect(configuration) }

        #expect(error?.isOutage == true)
    }
}
#endif
