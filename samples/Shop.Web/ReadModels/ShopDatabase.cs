using Microsoft.Data.Sqlite;
using Shop.Web.Orders;

namespace Shop.Web.ReadModels;

/// <summary>The read models, in an SQLite file of their own. Money is in pence there.</summary>
public sealed class ShopDatabase : IDisposable
{
    private readonly string _connectionString;

    // A database in memory lives as long as somebody has it open.
    private readonly SqliteConnection _keeper;

    public ShopDatabase(string connectionString)
    {
        _connectionString = connectionString;
        _keeper = Open();
        Run(_keeper, null, """
            PRAGMA journal_mode = WAL;
            CREATE TABLE IF NOT EXISTS orders (number TEXT PRIMARY KEY, customer TEXT NOT NULL, total INTEGER NOT NULL, paid INTEGER NOT NULL) WITHOUT ROWID;
            CREATE TABLE IF NOT EXISTS sales (stock_code TEXT PRIMARY KEY, description TEXT NOT NULL, pieces INTEGER NOT NULL, revenue INTEGER NOT NULL) WITHOUT ROWID;
            CREATE TABLE IF NOT EXISTS applied (event_id TEXT PRIMARY KEY) WITHOUT ROWID;
            """);
    }

    /// <summary>Adding an order again changes nothing.</summary>
    public void AddOrder(OrderPlaced order)
    {
        using var connection = Open();
        Run(connection, null, "INSERT OR IGNORE INTO orders (number, customer, total, paid) VALUES ($number, $customer, $total, 0)", ("$number", order.Number), ("$customer", order.Customer), ("$total", Pence(order.Total)));
    }

    public void MarkPaid(string number)
    {
        using var connection = Open();
        Run(connection, null, "UPDATE orders SET paid = 1 WHERE number = $number", ("$number", number));
    }

    public OrderState? FindOrder(string number)
    {
        using var connection = Open();
        using var select = connection.CreateCommand();
        select.CommandText = "SELECT number, customer, total, paid FROM orders WHERE number = $number";
        select.Parameters.AddWithValue("$number", number);
        using var rows = select.ExecuteReader();
        return rows.Read() ? new OrderState(rows.GetString(0), rows.GetString(1), Pounds(rows.GetInt64(2)), rows.GetInt64(3) == 1) : null;
    }

    /// <summary>Adds what an event sold, once: its id is in the same commit, and an event that comes again finds it there.</summary>
    public void AddSales(string eventId, IReadOnlyList<OrderLine> lines)
    {
        using var connection = Open();
        using var transaction = connection.BeginTransaction();
        if (Run(connection, transaction, "INSERT OR IGNORE INTO applied (event_id) VALUES ($id)", ("$id", eventId)) == 0)
            return;
        foreach (var line in lines)
        {
            Run(
                connection,
                transaction,
                """
                INSERT INTO sales (stock_code, description, pieces, revenue) VALUES ($code, $description, $pieces, $revenue)
                ON CONFLICT (stock_code) DO UPDATE SET pieces = pieces + excluded.pieces, revenue = revenue + excluded.revenue
                """,
                ("$code", line.StockCode), ("$description", line.Description), ("$pieces", line.Quantity), ("$revenue", Pence(line.Quantity * line.UnitPrice)));
        }

        transaction.Commit();
    }

    /// <summary>What brought in most.</summary>
    public IReadOnlyList<Sales> ReadSales(int top)
    {
        using var connection = Open();
        using var select = connection.CreateCommand();
        select.CommandText = "SELECT stock_code, description, pieces, revenue FROM sales ORDER BY revenue DESC, stock_code LIMIT $top";
        select.Parameters.AddWithValue("$top", top);
        using var rows = select.ExecuteReader();
        List<Sales> sales = [];
        while (rows.Read())
            sales.Add(new Sales(rows.GetString(0), rows.GetString(1), rows.GetInt64(2), Pounds(rows.GetInt64(3))));
        return sales;
    }

    public void Dispose() => _keeper.Dispose();

    private static long Pence(decimal pounds) => decimal.ToInt64(Math.Round(pounds * 100, MidpointRounding.AwayFromZero));

    private static decimal Pounds(long pence) => pence / 100m;

    private static int Run(SqliteConnection connection, SqliteTransaction? transaction, string sql, params (string Name, object Value)[] parameters)
    {
        using var command = connection.CreateCommand();
        command.Transaction = transaction;
        command.CommandText = sql;
        foreach (var (name, value) in parameters)
            command.Parameters.AddWithValue(name, value);
        return command.ExecuteNonQuery();
    }

    private SqliteConnection Open()
    {
        var connection = new SqliteConnection(_connectionString);
        connection.Open();
        return connection;
    }
}

/// <param name="Total">In pounds.</param>
public sealed record OrderState(string Number, string Customer, decimal Total, bool Paid);

/// <param name="Revenue">In pounds.</param>
public sealed record Sales(string StockCode, string Description, long Pieces, decimal Revenue);
