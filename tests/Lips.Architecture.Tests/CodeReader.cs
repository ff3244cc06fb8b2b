using System.Reflection;
using System.Reflection.Emit;

namespace Lips.Architecture.Tests;

/// <summary>Reads what compiled code uses: from signatures, attributes and the instructions themselves.</summary>
internal static class CodeReader
{
    private const BindingFlags Declared =
        BindingFlags.Public | BindingFlags.NonPublic | BindingFlags.Instance | BindingFlags.Static | BindingFlags.DeclaredOnly;

    private static readonly Dictionary<short, OpCode> OpCodesByValue = typeof(OpCodes).GetFields(BindingFlags.Public | BindingFlags.Static)
        .Select(f => (OpCode)f.GetValue(null)!).ToDictionary(o => o.Value);

    /// <summary>Every type that a type names, generic arguments included, itself left out.</summary>
    public static IEnumerable<Type> TypesUsedBy(Type type)
    {
        var used = new HashSet<Type>();
        Add(type.BaseType);
        foreach (var implemented in type.GetInterfaces())
            Add(implemented);
        AddAttributes(type);
        foreach (var member in type.GetMembers(Declared))
        {
            AddAttributes(member);
            switch (member)
            {
                case FieldInfo field:
                    Add(field.FieldType);
                    break;
                case MethodBase method:
                    AddMethod(method);
                    break;
            }
        }

        used.Remove(type);
        return used;

        void Add(Type? some)
        {
            if (some is null)
                return;
            if (some.HasElementType)
            {
                Add(some.GetElementType());
                return;
            }

            if (some.IsGenericParameter)
                return;
            foreach (var argument in some.GetGenericArguments())
                Add(argument);
            used.Add(some.IsGenericType ? some.GetGenericTypeDefinition() : some);
        }

        void AddAttributes(MemberInfo member)
        {
            foreach (var attribute in member.GetCustomAttributesData())
            {
                Add(attribute.AttributeType);
                foreach (var argument in attribute.ConstructorArguments)
                    Add(argument.Value as Type);
            }
        }

        void AddMethod(MethodBase method)
        {
            Add((method as MethodInfo)?.ReturnType);
            foreach (var parameter in method.GetParameters())
                Add(parameter.ParameterType);
            foreach (var local in method.GetMethodBody()?.LocalVariables ?? [])
                Add(local.LocalType);
            foreach (var caught in method.GetMethodBody()?.ExceptionHandlingClauses
                .Where(c => c.Flags == ExceptionHandlingClauseOptions.Clause) ?? [])
                Add(caught.CatchType);
            foreach (var operand in Operands(method))
            {
                Add(operand as Type ?? (operand as MemberInfo)?.DeclaringType);
                foreach (var argument in operand is MethodInfo { IsGenericMethod: true } generic ? generic.GetGenericArguments() : [])
                    Add(argument);
            }
        }
    }

    /// <summary>Every string literal in the methods of a type.</summary>
    public static IEnumerable<string> StringsIn(Type type) =>
        type.GetMembers(Declared).OfType<MethodBase>().SelectMany(Operands).OfType<string>();

    /// <summary>What the instructions name: types, members and strings.</summary>
    private static IEnumerable<object> Operands(MethodBase method)
    {
        var code = method.GetMethodBody()?.GetILAsByteArray() ?? [];
        var typeArguments = method.DeclaringType?.GetGenericArguments();
        var methodArguments = method.IsGenericMethod ? method.GetGenericArguments() : null;
        for (var place = 0; place < code.Length;)
        {
            var value = code[place] == 0xFE ? unchecked((short)(0xFE00 | code[place + 1])) : code[place];
            place += value is >= 0 and < 0xFE ? 1 : 2;
            var kind = OpCodesByValue[value].OperandType;
            switch (kind)
            {
                case OperandType.InlineString:
                    yield return method.Module.ResolveString(BitConverter.ToInt32(code, place));
                    break;
                case OperandType.InlineField or OperandType.InlineMethod or OperandType.InlineTok or OperandType.InlineType:
                    yield return method.Module.ResolveMember(BitConverter.ToInt32(code, place), typeArguments, methodArguments)!;
                    break;
            }

            place += kind switch
            {
                OperandType.InlineNone => 0,
                OperandType.ShortInlineBrTarget or OperandType.ShortInlineI or OperandType.ShortInlineVar => 1,
                OperandType.InlineVar => 2,
                OperandType.InlineI8 or OperandType.InlineR => 8,
                OperandType.InlineSwitch => 4 + (4 * BitConverter.ToInt32(code, place)),
                _ => 4,
            };
        }
    }
}
