import java.io.FileInputStream;
import java.io.InputStream;
import java.util.*;
import javax.xml.parsers.DocumentBuilderFactory;
import org.verapdf.gf.foundry.VeraGreenfieldFoundryProvider;
import org.verapdf.pdfa.*;
import org.verapdf.pdfa.flavours.PDFAFlavour;
import org.verapdf.pdfa.results.*;
import org.verapdf.pdfa.validation.profiles.*;
import org.w3c.dom.*;

/** veraPDF over files: `PDFA-3A true 12345 FILE`, then a line for each rule that failed. Its profiles are read here, without JAXB. */
public class PdfA {
    public static void main(String[] files) throws Exception {
        VeraGreenfieldFoundryProvider.initialise();
        for (String name : new String[] {"PDFA-3A", "PDFUA-1"}) {
            ValidationProfile profile = profile(name);
            for (String file : files)
                try (PDFAParser parser = Foundries.defaultInstance().createParser(new FileInputStream(file), profile.getPDFAFlavour())) {
                    ValidationResult result = Foundries.defaultInstance().createValidator(profile, false).validate(parser);
                    System.out.println(name + " " + result.isCompliant() + " " + result.getTotalAssertions() + " " + file);
                    for (TestAssertion each : result.getTestAssertions())
                        if (each.getStatus() == TestAssertion.Status.FAILED)
                            System.out.println("  " + each.getRuleId().getClause() + "-" + each.getRuleId().getTestNumber() + " "
                                + each.getMessage() + " @ " + each.getLocation().getContext());
                }
        }
    }

    static ValidationProfile profile(String name) throws Exception {
        try (InputStream xml = PdfA.class.getClassLoader().getResourceAsStream("org/verapdf/pdfa/validation/" + name + ".xml")) {
            Element root = DocumentBuilderFactory.newInstance().newDocumentBuilder().parse(xml).getDocumentElement();
            Set<Rule> rules = new HashSet<>();
            for (Element each : all(root, "rule")) {
                Element id = all(each, "id").get(0);
                RuleId number = Profiles.ruleIdFromValues(PDFAFlavour.Specification.valueOf(id.getAttribute("specification")),
                    id.getAttribute("clause"), Integer.parseInt(id.getAttribute("testNumber")));
                rules.add(Profiles.ruleFromValues(number, each.getAttribute("object"), "true".equals(each.getAttribute("deferred")),
                    "", text(each, "description"), text(each, "test"),
                    Profiles.errorFromValues(text(each, "message"), List.of()), List.of()));
            }
            Set<Variable> variables = new HashSet<>();
            for (Element each : all(root, "variable"))
                variables.add(Profiles.variableFromValues(each.getAttribute("name"), each.getAttribute("object"),
                    text(each, "defaultValue"), text(each, "value")));
            return Profiles.profileFromValues(PDFAFlavour.valueOf(root.getAttribute("flavour")),
                Profiles.profileDetailsFromValues(name, name, "", new Date(0)), "", rules, variables);
        }
    }

    static List<Element> all(Element in, String name) {
        NodeList found = in.getElementsByTagName(name);
        List<Element> list = new ArrayList<>();
        for (int n = 0; n < found.getLength(); n++) list.add((Element) found.item(n));
        return list;
    }

    static String text(Element in, String name) {
        return all(in, name).get(0).getTextContent();
    }
}
