namespace TelemetryPipeline.Heatmap.Query;

/// <summary>Which columns are asked for.</summary>
/// <param name="Series">The series, in order.</param>
/// <param name="From">The first second, inclusive.</param>
/// <param name="To">The last second, exclusive.</param>
/// <param name="Step">Seconds in a column.</param>
internal sealed record CellsQuery(IReadOnlyList<int> Series, long From, long To, int Step)
{
    /// <summary>Columns of one answer over all series.</summary>
    public const int ColumnsMax = 20_000;

    private const int SecondsDefault = 300;

    /// <summary>Columns of one series.</summary>
    public long ColumnCount => (To - From + Step - 1) / Step;

    /// <summary>Reads the parameters; the problem, if there is one, is theirs.</summary>
    public static CellsQuery Read(QueryParameters parameters, LatencyGrid grid)
    {
        parameters.Finish("series", "from", "to", "step");
        var end = grid.NowSecond + grid.FutureSeconds + 1;
        var least = grid.NowSecond - LatencyGrid.ColumnCount + 1;
        var to = parameters.Number("to", end, least + 1, end);
        var from = parameters.Number("from", Math.Max(least, to - SecondsDefault), least - LatencyGrid.ColumnCount, to - 1);
        var step = (int)parameters.Number("step", 1, 1, LatencyGrid.ColumnCount);
        var query = new CellsQuery(parameters.Series(grid), Math.Max(from, least), to, step);
        if (parameters.Problem is null && query.ColumnCount * query.Series.Count > ColumnsMax)
        {
            parameters.Fail(
                "the range",
                $"at most {ColumnsMax} columns: fewer series, a shorter range or a larger step",
                $"{query.Series.Count} series of {query.ColumnCount} columns");
        }

        return query;
    }

    /// <summary>Reads a column.</summary>
    /// <param name="grid">The grid.</param>
    /// <param name="series">The series.</param>
    /// <param name="second">The column's first second.</param>
    /// <param name="into">Takes the counts; is emptied first.</param>
    /// <returns>Whether there are any.</returns>
    public bool TryRead(LatencyGrid grid, int series, long second, DenseColumn into)
    {
        into.Clear();
        var any = false;
        for (var i = second; i < Math.Min(second + Step, To); i++)
        {
            any |= grid.Read(series, i, into);
        }

        return any;
    }
}
