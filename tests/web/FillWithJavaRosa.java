// Fills a form with JavaRosa as a phone does: step by step, each question by its reference.
//
// Arguments: the form, and a file of lines `reference<TAB>answer` and
// `repeat reference<TAB>#number of entries`. Prints the record.

import java.io.FileInputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.javarosa.core.model.Constants;
import org.javarosa.core.model.FormDef;
import org.javarosa.core.model.SelectChoice;
import org.javarosa.core.model.data.AnswerDataFactory;
import org.javarosa.core.model.data.IAnswerData;
import org.javarosa.core.model.data.SelectMultiData;
import org.javarosa.core.model.data.SelectOneData;
import org.javarosa.core.model.data.UncastData;
import org.javarosa.core.model.data.helper.Selection;
import org.javarosa.core.model.instance.InstanceInitializationFactory;
import org.javarosa.core.services.PropertyManager;
import org.javarosa.core.util.JavaRosaCoreModule;
import org.javarosa.form.api.FormEntryController;
import org.javarosa.form.api.FormEntryModel;
import org.javarosa.form.api.FormEntryPrompt;
import org.javarosa.model.xform.XFormSerializingVisitor;
import org.javarosa.model.xform.XFormsModule;
import org.javarosa.xform.util.XFormUtils;
import org.opendatakit.validate.StubPropertyManager;

public final class FillWithJavaRosa {
    public static void main(String[] arguments) throws Exception {
        Map<String, String> answers = new HashMap<>();
        for (String line : Files.readAllLines(Path.of(arguments[1]))) {
            String[] cells = line.split("\t", 2);
            answers.put(cells[0], cells[1]);
        }
        PropertyManager.setPropertyManager(new StubPropertyManager());
        new JavaRosaCoreModule().registerModule();
        new XFormsModule().registerModule();
        FormDef form = XFormUtils.getFormFromInputStream(new FileInputStream(arguments[0]));
        form.initialize(true, new InstanceInitializationFactory());
        FormEntryController controller = new FormEntryController(new FormEntryModel(form));
        walk(controller, answers);
        form.postProcessInstance();
        byte[] record = new XFormSerializingVisitor().serializeInstance(form.getMainInstance());
        System.out.write(record);
        System.out.flush();
    }

    private static void walk(FormEntryController controller, Map<String, String> answers) {
        FormEntryModel model = controller.getModel();
        for (int event = controller.stepToNextEvent(); event != FormEntryController.EVENT_END_OF_FORM; event = controller.stepToNextEvent()) {
            String reference = model.getFormIndex().getReference() == null ? "" : model.getFormIndex().getReference().toString(true);
            if (event == FormEntryController.EVENT_PROMPT_NEW_REPEAT) {
                String wanted = answers.get(plain(reference.replaceAll("\\[\\d+\\]$", "")));
                int number = Integer.parseInt(reference.replaceAll("^.*\\[(\\d+)\\]$", "$1"));
                if (wanted != null && number <= Integer.parseInt(wanted.substring(1))) {
                    controller.newRepeat();
                }
            } else if (event == FormEntryController.EVENT_QUESTION && answers.containsKey(plain(reference))) {
                FormEntryPrompt prompt = model.getQuestionPrompt();
                int told = controller.answerQuestion(answer(prompt, answers.get(plain(reference))), true);
                if (told != FormEntryController.ANSWER_OK) {
                    throw new IllegalStateException(reference + " refused its answer: " + told);
                }
            }
        }
    }

    // References count every step; only entries of repeats are told apart here.
    private static String plain(String reference) {
        return reference.replaceAll("\\[1\\](?=/(?!child_|worker_))|\\[1\\]$", "");
    }

    private static IAnswerData answer(FormEntryPrompt prompt, String text) {
        if (prompt.getControlType() == Constants.CONTROL_SELECT_ONE) {
            return new SelectOneData(selection(prompt, text));
        }
        if (prompt.getControlType() == Constants.CONTROL_SELECT_MULTI) {
            List<Selection> chosen = new ArrayList<>();
            for (String one : text.split(" ")) {
                chosen.add(selection(prompt, one));
            }
            return new SelectMultiData(chosen);
        }
        return AnswerDataFactory.templateByDataType(prompt.getDataType()).cast(new UncastData(text));
    }

    private static Selection selection(FormEntryPrompt prompt, String value) {
        for (SelectChoice choice : prompt.getSelectChoices()) {
            if (choice.getValue().equals(value)) {
                return choice.selection();
            }
        }
        throw new IllegalArgumentException(value);
    }
}
