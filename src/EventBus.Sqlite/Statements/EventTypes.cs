namespace EventBus.Sqlite.Statements;

/// <summary>The numbers that stand for the stored names and versions of event types. They are few and never change, so each is looked up once.</summary>
internal sealed class EventTypes(Session session)
{
    private readonly Dictionary<(string Name, int Version), long> _numbers = [];
    private readonly Dictionary<long, (string Name, int Version)> _types = [];
    private readonly List<long> _added = [];
    private readonly Statement _find = session.Statement("SELECT type FROM types WHERE name = ? AND version = ?");
    private readonly Statement _get = session.Statement("SELECT name, version FROM types WHERE type = ?");
    private readonly Statement _add = session.Statement("INSERT INTO types (name, version) VALUES (?, ?) RETURNING type");
    private readonly Statement _ofName = session.Statement("SELECT type FROM types WHERE name = ?");

    /// <summary>A type's name and version.</summary>
    public (string Name, int Version) Of(long number)
    {
        if (_types.TryGetValue(number, out var known))
            return known;
        _get.Bind(1, number);
        using var rows = _get.Query();
        // A row whose type has gone was damaged from outside. It comes back as a type that nobody knows, and becomes a dead letter with its bytes.
        return rows.Next() ? Know(number, (_get.Text(0), _get.Int32(1))) : ($"type {number} of the table types, which is not there", 1);
    }

    /// <summary>Whether a number stands for a type, in whatever version: under its name, or under another of which <paramref name="isSameType"/> says so.</summary>
    public bool IsOf(long number, string type, Func<string, bool>? isSameType)
    {
        var name = Of(number).Name;
        return name == type || isSameType?.Invoke(name) == true;
    }

    /// <summary>A type's number; within a transaction it gets one if it has none.</summary>
    public long NumberOf(string name, int version)
    {
        if (_numbers.TryGetValue((name, version), out var known))
            return known;
        return Find(name, version) ?? Add(name, version);
    }

    /// <summary>The numbers of all versions of some types.</summary>
    public List<long> NumbersOf(IReadOnlyList<string> names)
    {
        var numbers = new List<long>();
        foreach (var name in names)
        {
            _ofName.Bind(1, name);
            using var rows = _ofName.Query();
            while (rows.Next())
                numbers.Add(_ofName.Int64(0));
        }

        return numbers;
    }

    public void Begin() => _added.Clear();

    /// <summary>Forgets the numbers of a transaction that was rolled back: the next type may get them.</summary>
    public void RollBack()
    {
        foreach (var number in _added)
        {
            _numbers.Remove(_types[number]);
            _types.Remove(number);
        }

        _added.Clear();
    }

    private long? Find(string name, int version)
    {
        _find.Bind(1, name);
        _find.Bind(2, version);
        using var rows = _find.Query();
        if (!rows.Next())
            return null;
        var number = _find.Int64(0);
        Know(number, (name, version));
        return number;
    }

    private long Add(string name, int version)
    {
        _add.Bind(1, name);
        _add.Bind(2, version);
        using var rows = _add.Query();
        rows.Next();
        var number = _add.Int64(0);
        // RETURNING gives its row before the insert is complete: only the end of the statement tells that it was made.
        rows.Next();
        Know(number, (name, version));
        _added.Add(number);
        return number;
    }

    private (string Name, int Version) Know(long number, (string Name, int Version) type)
    {
        _types[number] = type;
        _numbers[type] = number;
        return type;
    }
}
