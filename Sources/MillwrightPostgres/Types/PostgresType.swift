// SPDX-License-Identifier: Apache-2.0
// Part of Millwright, a management-command plugin for PostgreSQL and Redis.

/// A type of PostgreSQL, by its `oid`; the built-in ones have names here.
///
/// ```swift
/// let ids: SQL = "SELECT unnest(\([1, 2, 3], as: .int8Array))"   // $1 alone could be an array of anything
/// ```
public struct PostgresType: RawRepresentable, Sendable, Hashable {
    /// The `oid` of the type in `pg_type`; 0 lets the server infer it.
    public let rawValue: UInt32

    /// Names a type by its `oid`.
    public init(rawValue: UInt32) { self.rawValue = rawValue }

    /// Left to the server, which infers it from where the value stands.
    public static var inferred: Self { Self(rawValue: 0) }
    /// `boolean`.
    public static var bool: Self { Self(rawValue: 16) }
    /// `bytea`.
    public static var bytea: Self { Self(rawValue: 17) }
    /// `"char"`, one byte.
    public static var char: Self { Self(rawValue: 18) }
    /// `name`.
    public static var name: Self { Self(rawValue: 19) }
    /// `bigint`.
    public static var int8: Self { Self(rawValue: 20) }
    /// `smallint`.
    public static var int2: Self { Self(rawValue: 21) }
    /// `int2vector`, as the catalogs use it.
    public static var int2vector: Self { Self(rawValue: 22) }
    /// `integer`.
    public static var int4: Self { Self(rawValue: 23) }
    /// `text`.
    public static var text: Self { Self(rawValue: 25) }
    /// `oid`.
    public static var oid: Self { Self(rawValue: 26) }
    /// `xid`.
    public static var xid: Self { Self(rawValue: 28) }
    /// `cid`.
    public static var cid: Self { Self(rawValue: 29) }
    /// `oidvector`, as the catalogs use it.
    public static var oidvector: Self { Self(rawValue: 30) }
    /// `json`.
    public static var json: Self { Self(rawValue: 114) }
    /// `xml`.
    public static var xml: Self { Self(rawValue: 142) }
    /// `pg_node_tree`.
    public static var nodeTree: Self { Self(rawValue: 194) }
    /// `real`.
    public static var float4: Self { Self(rawValue: 700) }
    /// `double precision`.
    public static var float8: Self { Self(rawValue: 701) }
    /// `unknown`.
    public static var unknown: Self { Self(rawValue: 705) }
    /// `character(n)`.
    public static var bpchar: Self { Self(rawValue: 1042) }
    /// `character varying`.
    public static var varchar: Self { Self(rawValue: 1043) }
    /// `date`.
    public static var date: Self { Self(rawValue: 1082) }
    /// `time without time zone`.
    public static var time: Self { Self(rawValue: 1083) }
    /// `timestamp without time zone`.
    public static var timestamp: Self { Self(rawValue: 1114) }
    /// `timestamp with time zone`.
    public static var timestamptz: Self { Self(rawValue: 1184) }
    /// `interval`.
    public static var interval: Self { Self(rawValue: 1186) }
    /// `numeric`.
    public static var numeric: Self { Self(rawValue: 1700) }
    /// `refcursor`.
    public static var refcursor: Self { Self(rawValue: 1790) }
    /// `cstring`.
    public static var cstring: Self { Self(rawValue: 2275) }
    /// `void`, what a function without a result returns.
    public static var void: Self { Self(rawValue: 2278) }
    /// `uuid`.
    public static var uuid: Self { Self(rawValue: 2950) }
    /// `pg_lsn`.
    public static var lsn: Self { Self(rawValue: 3220) }
    /// `jsonb`.
    public static var jsonb: Self { Self(rawValue: 3802) }
    /// `xid8`.
    public static var xid8: Self { Self(rawValue: 5069) }

    /// Whether the type was made by an extension or a user, so that its `oid` says nothing by itself.
    var isUserDefined: Bool { self.rawValue >= 16_384 }

    /// Whether it is a number of some kind.
    var isNumber: Bool {
        switch self {
        case .int2, .int4, .int8, .oid, .xid, .cid, .xid8, .float4, .float8, .numeric: true
        default: false
        }
    }

    /// Whether its text begins with a brace and it is no array: `jsonb`, and the built-in multiranges.
    var isBraced: Bool { self == .jsonb || self.rawValue == 4_451 || (4_532...4_536).contains(self.rawValue) }

    /// Whether its binary form is text.
    var isText: Bool {
        switch self {
        case .text, .varchar, .bpchar, .name, .char, .json, .xml, .unknown, .cstring, .refcursor, .nodeTree, .void: true
        default: false
        }
    }
}

extension PostgresType {
    /// `xml[]`.
    public static var xmlArray: Self { Self(rawValue: 143) }
    /// `json[]`.
    public static var jsonArray: Self { Self(rawValue: 199) }
    /// `xid8[]`.
    public static var xid8Array: Self { Self(rawValue: 271) }
    /// `boolean[]`.
    public static var boolArray: Self { Self(rawValue: 1000) }
    /// `bytea[]`.
    public static var byteaArray: Self { Self(rawValue: 1001) }
    /// `"char"[]`.
    public static var charArray: Self { Self(rawValue: 1002) }
    /// `name[]`.
    public static var nameArray: Self { Self(rawValue: 1003) }
    /// `smallint[]`.
    public static var int2Array: Self { Self(rawValue: 1005) }
    /// `integer[]`.
    public static var int4Array: Self { Self(rawValue: 1007) }
    /// `text[]`.
    public static var textArray: Self { Self(rawValue: 1009) }
    /// `xid[]`.
    public static var xidArray: Self { Self(rawValue: 1011) }
    /// `character(n)[]`.
    public static var bpcharArray: Self { Self(rawValue: 1014) }
    /// `character varying[]`.
    public static var varcharArray: Self { Self(rawValue: 1015) }
    /// `bigint[]`.
    public static var int8Array: Self { Self(rawValue: 1016) }
    /// `box[]`, the one whose elements are separated by semicolons.
    static var boxArray: Self { Self(rawValue: 1020) }
    /// `real[]`.
    public static var float4Array: Self { Self(rawValue: 1021) }
    /// `double precision[]`.
    public static var float8Array: Self { Self(rawValue: 1022) }
    /// `oid[]`.
    public static var oidArray: Self { Self(rawValue: 1028) }
    /// `timestamp without time zone[]`.
    public static var timestampArray: Self { Self(rawValue: 1115) }
    /// `date[]`.
    public static var dateArray: Self { Self(rawValue: 1182) }
    /// `time without time zone[]`.
    public static var timeArray: Self { Self(rawValue: 1183) }
    /// `timestamp with time zone[]`.
    public static var timestamptzArray: Self { Self(rawValue: 1185) }
    /// `interval[]`.
    public static var intervalArray: Self { Self(rawValue: 1187) }
    /// `numeric[]`.
    public static var numericArray: Self { Self(rawValue: 1231) }
    /// `uuid[]`.
    public static var uuidArray: Self { Self(rawValue: 2951) }
    /// `pg_lsn[]`.
    public static var lsnArray: Self { Self(rawValue: 3221) }
    /// `jsonb[]`.
    public static var jsonbArray: Self { Self(rawValue: 3807) }

    /// The type of the elements of a built-in array or vector, or `nil` where it is none that is known here.
    var element: PostgresType? {
        switch self {
        case .xmlArray: .xml
        case .jsonArray: .json
        case .xid8Array: .xid8
        case .boolArray: .bool
        case .byteaArray: .bytea
        case .charArray: .char
        case .nameArray: .name
        case .int2Array, .int2vector: .int2
        case .int4Array: .int4
        case .textArray: .text
        case .xidArray: .xid
        case .bpcharArray: .bpchar
        case .varcharArray: .varchar
        case .int8Array: .int8
        case .float4Array: .float4
        case .float8Array: .float8
        case .oidArray, .oidvector: .oid
        case .timestampArray: .timestamp
        case .dateArray: .date
        case .timeArray: .time
        case .timestamptzArray: .timestamptz
        case .intervalArray: .interval
        case .numericArray: .numeric
        case .uuidArray: .uuid
        case .lsnArray: .lsn
        case .jsonbArray: .jsonb
        default: nil
        }
    }
}
