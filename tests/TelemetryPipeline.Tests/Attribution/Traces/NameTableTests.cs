using System.Linq;
using System.Text;
using TelemetryPipeline.Attribution.Traces;

namespace TelemetryPipeline.Tests.Attribution.Traces;

public sealed class NameTableTests
{
    [Fact]
    public void NumberOf_ManyTexts_GivesEachItsOwnAndFindsItAgain()
    {
        var table = new NameTable(3000);
        var numbers = Enumerable.Range(0, 2000).Select(n => table.NumberOf(Encoding.UTF8.GetBytes($"service-{n}"))).ToList();
        Assert.Equal(2000, numbers.Distinct().Count());
        Assert.All(Enumerable.Range(0, 2000), n => Assert.Equal($"service-{n}", Encoding.UTF8.GetString(table.TextOf(numbers[n]))));
        Assert.Equal(numbers, Enumerable.Range(0, 2000).Select(n => table.NumberOf(Encoding.UTF8.GetBytes($"service-{n}"))));
    }

    [Fact]
    public void NumberOf_TableIsFull_IsOther()
    {
        var table = new NameTable(4);
        Assert.NotEqual(NameTable.Other, table.NumberOf("a"u8));
        Assert.NotEqual(NameTable.Other, table.NumberOf("b"u8));
        Assert.Equal(NameTable.Other, table.NumberOf("c"u8));
        Assert.Equal(1, table.RefusedCount);
        Assert.Equal(2, table.Count);
    }

    [Fact]
    public void NumberOf_LongText_IsCutBetweenCharacters()
    {
        var table = new NameTable(10);
        var text = table.TextOf(table.NumberOf(Encoding.UTF8.GetBytes("x" + new string('\u94F6', 100))));
        Assert.Equal("x" + new string('\u94F6', 66), Encoding.UTF8.GetString(text));
    }

    [Fact]
    public async Task NumberOf_ManyThreadsAtOnce_AgreeOnEveryText()
    {
        var table = new NameTable(5000);
        var all = await Task.WhenAll(Enumerable.Range(0, 4).Select(_ => Task.Run(() =>
            Enumerable.Range(0, 3000).Select(n => table.NumberOf(Encoding.UTF8.GetBytes($"{n}"))).ToList())));
        Assert.All(all, numbers => Assert.Equal(all[0], numbers));
        Assert.Equal(3000, table.Count);
    }

    [Fact]
    public void Memo_TextsThatAlternate_GivesTheirNumbers()
    {
        var table = new NameTable(10);
        var memo = default(NameMemo);
        foreach (var text in (string[])["a", "a", "b", "", "", "a"])
        {
            Assert.Equal(table.NumberOf(Encoding.UTF8.GetBytes(text)), memo.NumberOf(table, Encoding.UTF8.GetBytes(text)));
        }
    }
}
