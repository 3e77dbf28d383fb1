using System.Reflection;
using System.Reflection.Metadata;
using System.Reflection.Metadata.Ecma335;

namespace EventBus.UnitTests.Architecture;

/// <summary>The source folder of each type, as the assembly's portable PDB tells it.</summary>
internal static class SourceFolders
{
    // Portable PDB format, "Type Definition Documents": the documents of types without a method body, such as enums and interfaces.
    private static readonly Guid s_typeDocuments = new("932E74BC-DBA9-4478-8D46-0F32A7BAB3D3");

    /// <summary>The name of the folder below the project's own, by the metadata token of the type. What a tool generated is left out.</summary>
    public static IReadOnlyDictionary<int, string> Of(Assembly assembly)
    {
        using var file = File.OpenRead(Path.ChangeExtension(assembly.Location, ".pdb"));
        using var provider = MetadataReaderProvider.FromPortablePdbStream(file);
        var reader = provider.GetMetadataReader();
        var marker = $"/{assembly.GetName().Name}/";
        var folders = new Dictionary<int, string>();
        foreach (var type in assembly.GetTypes())
        {
            if (DocumentsOf(type, reader).Select(document => FolderOf(reader.GetString(reader.GetDocument(document).Name), marker)).FirstOrDefault(static folder => folder is not null) is { } folder)
                folders.Add(type.MetadataToken, folder);
        }

        return folders;
    }

    private static string? FolderOf(string path, string marker)
    {
        var normal = path.Replace('\\', '/');
        var start = normal.LastIndexOf(marker, StringComparison.Ordinal);
        if (start < 0 || normal.Contains("/obj/", StringComparison.Ordinal))
            return null;
        var parts = normal[(start + marker.Length)..].Split('/');
        return parts.Length == 2 ? parts[0] : null;
    }

    private static IEnumerable<DocumentHandle> DocumentsOf(Type type, MetadataReader reader)
    {
        var handle = (TypeDefinitionHandle)MetadataTokens.Handle(type.MetadataToken);
        foreach (var information in reader.GetCustomDebugInformation(handle).Select(reader.GetCustomDebugInformation).Where(information => reader.GetGuid(information.Kind) == s_typeDocuments))
        {
            var numbers = reader.GetBlobReader(information.Value);
            while (numbers.RemainingBytes > 0)
                yield return MetadataTokens.DocumentHandle(numbers.ReadCompressedInteger());
        }

        const BindingFlags all = BindingFlags.DeclaredOnly | BindingFlags.Instance | BindingFlags.Static | BindingFlags.Public | BindingFlags.NonPublic;
        foreach (var method in type.GetMethods(all).Cast<MethodBase>().Concat(type.GetConstructors(all)))
        {
            var information = reader.GetMethodDebugInformation(((MethodDefinitionHandle)MetadataTokens.Handle(method.MetadataToken)).ToDebugInformationHandle());
            if (!information.Document.IsNil)
                yield return information.Document;
        }
    }
}
