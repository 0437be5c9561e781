import Basics
import Foundation

/// The part of JSON Schema (draft 2020-12) that the schemas in `docs/schema` use.
public struct JSONSchema {
  private let root: JSON
  /// Whether keys that a schema does not list are faults, though a reader must ignore them: for what
  /// this program writes, the schema has to be complete.
  private let isClosed: Bool

  private static let notes: Set<String> = ["$schema", "$defs", "title", "description"]

  /// Reads a schema of `docs/schema`.
  public init(_ name: String, closed: Bool) throws {
    let path =
      URL(fileURLWithPath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
      .deletingLastPathComponent().path + "/docs/schema/" + name
    root = try JSON(parsing: try readFile(path), place: path)
    isClosed = closed
  }

  /// What contradicts the schema, with the place in the document; empty when nothing does.
  ///
  /// A keyword that this validator does not know is a fault too: nothing is passed over.
  public func faults(_ value: JSON) -> [String] { faults(value, root, "$") }

  private func faults(_ value: JSON, _ schema: JSON, _ place: String) -> [String] {
    (schema.object ?? []).flatMap { rule -> [String] in
      if JSONSchema.notes.contains(rule.key) { return [] }
      return applicator(rule, value, schema, place)
        ?? assertion(rule, value).map { ["\(place): \($0)"] } ?? []
    }
  }

  /// The faults of what lies inside a value; nil for keywords that look at the value itself.
  private func applicator(_ rule: JSON.Member, _ value: JSON, _ schema: JSON, _ place: String)
    -> [String]?
  {
    switch rule.key {
    case "$ref":
      return faults(value, target(rule.value.string ?? ""), place)
    case "properties":
      let members = value.object ?? []
      return members.flatMap { member -> [String] in
        if let inner = rule.value[member.key] {
          return faults(member.value, inner, place + "." + member.key)
        }
        let isOpen = !isClosed || schema["additionalProperties"] != nil || schema["type"] == nil
        return isOpen ? [] : ["\(place).\(member.key): is not in the schema"]
      }
    case "additionalProperties":
      let listed = schema["properties"]
      return (value.object ?? []).filter { listed?[$0.key] == nil }.flatMap {
        faults($0.value, rule.value, place + "." + $0.key)
      }
    case "items":
      return (value.array ?? []).enumerated().flatMap {
        faults($1, rule.value, "\(place)[\($0)]")
      }
    case "anyOf", "oneOf":
      let all = (rule.value.array ?? []).map { faults(value, $0, place) }
      let fitting = all.count { $0.isEmpty }
      let isRight = rule.key == "oneOf" ? fitting == 1 : fitting > 0
      return isRight ? [] : ["\(place): fits \(fitting) of \(rule.key): \(all)"]
    default: return nil
    }
  }

  /// What one keyword says against a value; nil when it fits, or is of another kind of value.
  private func assertion(_ rule: JSON.Member, _ value: JSON) -> String? {
    let (wanted, number) = (rule.value, value.double)
    let fits: Bool
    switch rule.key {
    case "type": fits = (wanted.array ?? [wanted]).contains { JSONSchema.isOf($0.string, value) }
    case "const": fits = value == wanted
    case "enum": fits = wanted.array?.contains(value) == true
    case "required": fits = wanted.array?.allSatisfy { value[$0.string ?? ""] != nil } != false
    case "pattern":
      fits = value.string?.range(of: wanted.string ?? "", options: .regularExpression) != nil
    case "minLength": fits = value.string.map { $0.count >= wanted.integer ?? 0 } != false
    case "minimum": fits = number.map { $0 >= wanted.double ?? 0 } != false
    case "exclusiveMinimum": fits = number.map { $0 > wanted.double ?? 0 } != false
    case "maximum": fits = number.map { $0 <= wanted.double ?? 0 } != false
    case "minItems": fits = value.array.map { $0.count >= wanted.integer ?? 0 } != false
    case "maxItems": fits = value.array.map { $0.count <= wanted.integer ?? 0 } != false
    case "uniqueItems":
      fits = value.array.map { Set($0.map(\.canonical)).count == $0.count } != false
    default: return "the keyword '\(rule.key)' is unknown to the validator"
    }
    return fits ? nil : "\(value.compact) against \(rule.key) \(wanted.compact)"
  }

  private func target(_ reference: String) -> JSON {
    reference.split(separator: "/").dropFirst().reduce(root) { $0[String($1)] ?? .null }
  }

  private static func isOf(_ type: String?, _ value: JSON) -> Bool {
    switch (type, value) {
    case ("null", .null), ("boolean", .bool), ("integer", .integer), ("number", .integer),
      ("number", .number), ("string", .string), ("array", .array), ("object", .object):
      true
    default: false
    }
  }
}
