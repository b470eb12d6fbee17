using System.Linq;

namespace TelemetryPipeline.Transfers.Money;

/// <summary>The currencies of ISO 4217 (list one, 2024) and how many decimal places their minor units have.</summary>
public static class Iso4217
{
    /// <summary>What <see cref="TryGetExponent"/> gives for codes without minor units: metals, funds, tests.</summary>
    public const int NoMinorUnit = -1;

    private const int LetterCount = 26;
    private const sbyte Unknown = -2;

    private const string TwoPlaces =
        "AED AFN ALL AMD ANG AOA ARS AUD AWG AZN BAM BBD BDT BGN BMD BND BOB BOV BRL BSD BTN BWP BYN BZD CAD CDF CHE CHF CHW "
        + "CNY COP COU CRC CUP CVE CZK DKK DOP DZD EGP ERN ETB EUR FJD FKP GBP GEL GHS GIP GMD GTQ GYD HKD HNL HTG HUF IDR "
        + "ILS INR IRR JMD KES KGS KHR KPW KYD KZT LAK LBP LKR LRD LSL MAD MDL MGA MKD MMK MNT MOP MRU MUR MVR MWK MXN MXV "
        + "MYR MZN NAD NGN NIO NOK NPR NZD PAB PEN PGK PHP PKR PLN QAR RON RSD RUB SAR SBD SCR SDG SEK SGD SHP SLE SOS SRD "
        + "SSP STN SVC SYP SZL THB TJS TMT TOP TRY TTD TWD TZS UAH USD USN UYU UZS VED VES WST XCD XCG YER ZAR ZMW ZWG";

    private const string NoPlaces = "BIF CLP DJF GNF ISK JPY KMF KRW PYG RWF UGX UYI VND VUV XAF XOF XPF";
    private const string ThreePlaces = "BHD IQD JOD KWD LYD OMR TND";
    private const string FourPlaces = "CLF UYW";
    private const string NotApplicable = "XAG XAU XBA XBB XBC XBD XDR XPD XPT XSU XTS XUA XXX";

    private static readonly sbyte[] Exponents = Build();

    /// <summary>The decimal places of a currency's minor unit.</summary>
    /// <param name="code">Three capital letters.</param>
    /// <param name="exponent">0 to 4, or <see cref="NoMinorUnit"/>.</param>
    /// <returns>False when there is no such currency.</returns>
    public static bool TryGetExponent(ReadOnlySpan<byte> code, out int exponent)
    {
        exponent = 0;
        if (code.Length != 3 || !IsLetter(code[0]) || !IsLetter(code[1]) || !IsLetter(code[2]))
        {
            return false;
        }

        exponent = Exponents[(((code[0] - 'A') * LetterCount) + (code[1] - 'A')) * LetterCount + (code[2] - 'A')];
        return exponent != Unknown;
    }

    private static bool IsLetter(byte b) => b is >= (byte)'A' and <= (byte)'Z';

    private static sbyte[] Build()
    {
        var exponents = new sbyte[LetterCount * LetterCount * LetterCount];
        Array.Fill(exponents, Unknown);
        foreach (var (codes, exponent) in (ReadOnlySpan<(string, int)>)
            [(TwoPlaces, 2), (NoPlaces, 0), (ThreePlaces, 3), (FourPlaces, 4), (NotApplicable, NoMinorUnit)])
        {
            foreach (var code in codes.Split(' ').Where(static c => c.Length == 3))
            {
                exponents[(((code[0] - 'A') * LetterCount) + (code[1] - 'A')) * LetterCount + (code[2] - 'A')] = (sbyte)exponent;
            }
        }

        return exponents;
    }
}
