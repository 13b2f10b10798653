// The room is laid out; its first test comes next.
