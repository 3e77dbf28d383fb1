using System.Reflection;
using System.Reflection.Emit;

namespace EventBus.UnitTests.Architecture;

/// <summary>Reads which members the instructions of a method name.</summary>
internal static class MethodBodies
{
    private static readonly Dictionary<short, OpCode> s_codes = typeof(OpCodes).GetFields(BindingFlags.Public | BindingFlags.Static)
        .Select(static field => (OpCode)field.GetValue(null)!)
        .ToDictionary(static code => code.Value);

    public static IEnumerable<MemberInfo> MembersOf(MethodBase method, MethodBody body)
    {
        var instructions = body.GetILAsByteArray()!;
        var typeArguments = method.DeclaringType!.GetGenericArguments();
        var methodArguments = method.IsGenericMethodDefinition ? method.GetGenericArguments() : null;
        for (var at = 0; at < instructions.Length;)
        {
            var code = Next(instructions, ref at);
            if (code.OperandType is OperandType.InlineField or OperandType.InlineMethod or OperandType.InlineTok or OperandType.InlineType)
                yield return method.Module.ResolveMember(BitConverter.ToInt32(instructions, at), typeArguments, methodArguments)!;
            at += SizeOf(code.OperandType, instructions, at);
        }
    }

    private static OpCode Next(byte[] instructions, ref int at)
    {
        var first = instructions[at++];
        return s_codes[first == 0xFE ? unchecked((short)(0xFE00 | instructions[at++])) : first];
    }

    // Source: ECMA-335, partition III, section 1.9 and the operand types of each instruction.
    private static int SizeOf(OperandType operand, byte[] instructions, int at) => operand switch
    {
        OperandType.InlineNone => 0,
        OperandType.ShortInlineBrTarget or OperandType.ShortInlineI or OperandType.ShortInlineVar => 1,
        OperandType.InlineVar => 2,
        OperandType.InlineI8 or OperandType.InlineR => 8,
        OperandType.InlineSwitch => 4 + (4 * BitConverter.ToInt32(instructions, at)),
        _ => 4,
    };
}
