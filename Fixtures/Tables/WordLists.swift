// SPDX-License-Identifier: Apache-2.0
// Part of Millwright, a management-command plugin for PostgreSQL and Redis.

/// The words that names and titles are put together from.
enum WordLists {
    static let firstNames = Words([
        "Ada", "Amir", "Anna", "Bela", "Carla", "Chen", "Dana", "Edgar", "Emma", "Farid", "Greta", "Hana", "Igor",
        "Ines", "Jamal", "Jana", "Karim", "Lena", "Liu", "Maja", "Mario", "Nadia", "Noah", "Olga", "Omar", "Paula",
        "Priya", "Rosa", "Samir", "Sofia", "Tomas", "Yuki",
    ])
    static let lastNames = Words([
        "Abel", "Baker", "Costa", "Dietrich", "Eriksen", "Fischer", "Garcia", "Haddad", "Ivanova", "Jansen", "Kowalski",
        "Lopez", "Meyer", "Novak", "Okafor", "Petrov", "Quist", "Rossi", "Schmidt", "Tanaka", "Ueda", "Vogel", "Weber",
        "Xu", "Yilmaz", "Zimmer", "Lindqvist", "O'Brien", "Müller", "Núñez", "Sørensen", "Dvořák",
    ])
    static let materials = Words([
        "Steel", "Brass", "Oak", "Copper", "Nylon", "Rubber", "Glass", "Ceramic", "Aluminium", "Carbon", "Pine", "Felt",
        "Leather", "Titanium", "Bronze", "Cork",
    ])
    static let goods = Words([
        "bearing", "gear", "shaft", "valve", "belt", "pulley", "bracket", "hinge", "spring", "gasket", "coupling",
        "filter", "pump", "motor", "sensor", "switch", "cable", "lamp", "cabinet", "drawer", "bolt", "washer", "chain",
        "roller", "nozzle", "lever", "clamp", "hose", "panel", "rail", "wheel", "handle",
    ])
    static let colors = Words(["red", "blue", "green", "black", "white", "silver", "yellow", "grey"])
    static let cities = Words([
        "Aachen", "Bergen", "Cadiz", "Dublin", "Espoo", "Florence", "Ghent", "Hamburg", "Izmir", "Jena", "Krakow",
        "Lyon", "Malmo", "Nantes", "Oslo", "Porto",
    ])
    static let countries = Words(["DE", "NO", "ES", "IE", "FI", "IT", "BE", "TR", "PL", "FR", "SE", "PT"])
    static let verbs = Words([
        "Fix", "Review", "Write", "Plan", "Test", "Order", "Ship", "Call", "Check", "Prepare", "Update", "Replace",
        "Measure", "Approve", "Clean", "Document", "Migrate", "Paint", "Inspect", "Calibrate",
    ])
    static let objects = Words([
        "invoice", "warehouse layout", "supplier contract", "price list", "conveyor", "delivery note", "press release",
        "budget", "safety report", "spare parts", "landing page", "payroll", "forklift", "stock count", "audit trail",
        "pump station", "training", "data import", "label printer", "quarterly forecast", "tax return", "backup",
        "customer survey", "packaging", "sensor firmware", "loading dock", "roof", "newsletter", "crane", "permit",
    ])
    static let purposes = Words([
        "for the spring fair", "before the inspection", "after the outage", "with the new supplier", "for line two",
        "in the cold store", "for the auditors", "at the harbour", "for export", "again", "without downtime",
        "for the night shift", "as agreed", "in the annex", "for the pilot customer", "until Friday",
    ])
}
