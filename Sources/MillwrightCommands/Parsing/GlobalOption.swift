// SPDX-License-Identifier: Apache-2.0
// Part of Millwright, a management-command plugin for PostgreSQL and Redis.

import MillwrightCore

/// One global option: its names, what it takes, what it does.
struct GlobalOption: Sendable {
    /// The names, the one for help last.
    var names: [String]
    /// The placeholder of its value; `nil` where it takes none.
    var value: String?
    /// What can be written there, where that is a closed set.
    var values: [String] = []
    /// One sentence for help.
    var abstract: String
    /// Applies it; returns what is wrong with the value, if anything.
    var apply: @Sendable (inout GlobalOptions, String) -> String?

    /// An option without a value.
    static func flag(
        _ names: String...,
        abstract: String,
        apply: @escaping @Sendable (inout GlobalOptions) -> Void
    ) -> GlobalOption {
        GlobalOption(names: names, abstract: abstract) { options, _ in
            apply(&options)
            return nil
        }
    }

    /// An option whose value is taken as it is.
    static func text(
        _ names: String...,
        value: String,
        abstract: String,
        apply: @escaping @Sendable (inout GlobalOptions, String) -> Void
    ) -> GlobalOption {
        GlobalOption(names: names, value: value, abstract: abstract) { options, text in
            apply(&options, text)
            return text.isEmpty ? "it must not be empty" : nil
        }
    }

    /// An option whose value is one of a closed set.
    static func choice(
        _ names: String...,
        value: String,
        of values: [String],
        abstract: String,
        apply: @escaping @Sendable (inout GlobalOptions, String) -> Void
    ) -> GlobalOption {
        GlobalOption(names: names, value: value, values: values, abstract: abstract) { options, text in
            guard values.contains(text) else {
                if let guess = nearest(text, in: values) { return "did you mean `\(guess)`?" }
                return "write one of \(values.joined(separator: ", "))"
            }
            apply(&options, text)
            return nil
        }
    }

    /// How help writes it: `-v, --verbosity <0..3>`.
    var synopsis: String { self.names.joined(separator: ", ") + (self.value.map { " <\($0)>" } ?? "") }
}
