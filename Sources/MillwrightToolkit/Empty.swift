// The room is laid out; its first file comes next.
