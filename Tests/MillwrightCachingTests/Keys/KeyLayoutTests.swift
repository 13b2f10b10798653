// SPDX-License-Identifier: Apache-2.0
// Part of Millwright, a management-command plugin for PostgreSQL and Redis.

import Testing

@testable import MillwrightCaching

@Suite("Key layout")
struct KeyLayoutTests {
    @Test("A key is stored under prefix and version, an empty prefix leaves a leading colon as in Django")
    func storedNames() {
        let named = KeyLayout(CacheAlias("default", endpoint: "e", keyPrefix: "erp", version: 2))
        let bare = KeyLayout(CacheAlias("default", endpoint: "e"))

        #expect(named.stored("product:42") == "erp:2:product:42")
        #expect(bare.stored("product:42") == ":1:product:42")
    }

    @Test("A prefix that holds colons is told from the key by the whole scope")
    func prefixWithColons() {
        let layout = KeyLayout(CacheAlias("default", endpoint: "e", keyPrefix: "a:b"))

        #expect(layout.key(ofStored: "a:b:1:x:y") == "x:y")
        #expect(layout.key(ofStored: "a:1:x:y") == nil)
        #expect(layout.key(ofStored: "a:b:10:x") == nil)
    }

    @Test(
        "A group is what stands before the first colon",
        arguments: [("product:42", "product"), ("product:42:price", "product"), ("config", "config"), ("", "")]
    )
    func groups(key: String, group: String) {
        #expect(KeyLayout.group(of: key) == group)
    }

    @Test("What a pattern would read as more than itself is escaped, also the backslash")
    func escaping() {
        #expect(KeyLayout.escaped(#"a*b?[c]\d"#) == #"a\*b\?\[c\]\\d"#)
        #expect(KeyLayout(CacheAlias("default", endpoint: "e", keyPrefix: "x*")).pattern == #"x\*:1:*"#)
    }
}
